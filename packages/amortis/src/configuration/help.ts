/**
 * What configurations may say, in words: made of the settings of all methods, networks and densities there are.
 */
import * as z from "zod";
import { methodKinds, methodRooms } from "../methods/rooms.js";
import { activation } from "../networks/activations.js";
import type { Part } from "../settings/parts.js";
import { unwrapped, type Room, type Settings } from "../settings/settings.js";
import { trainingSchema } from "../settings/training.js";

const WIDTH = 132;
const INDENT = 24;

/** Methods by name, with what each is for: "npe (posteriors, by simulations)". */
export function methodsHelp(): string {
  return methodKinds
    .map(({ settings: { alias, about } }) => (about === "" ? alias : `${alias} (${about})`))
    .join(", ");
}

/** How a configuration is written, and all that it may say, with defaults. */
export function configurationHelp(): string {
  const rooms: Readonly<Record<string, readonly Part<unknown>[]>> = methodRooms;
  return [
    "A configuration is JSON; everything in it is optional:",
    EXAMPLE,
    'Beside "method" and "training", the settings of each method, with their defaults:',
    ...methodKinds.map(({ settings }) => entry(settings.alias, listOf(settings))),
    ...Object.entries(rooms).flatMap(([room, parts]) => [
      HEADINGS[room] ?? room,
      ...parts.map(({ settings }) => entry(settings.alias, listOf(settings))),
    ]),
    "Settings of training:",
    entry("training", settingsOf(trainingSchema.shape)),
    NOTES,
  ].join("\n");
}

const EXAMPLE = `  {
    "method": "npe",
    "summary": { "kind": "cnn", "filters": [64, 128], "dense": [64] },
    "density": { "kind": "splineCoupling", "layers": 2, "bins": 10 },
    "training": { "simulations": 20000, "epochs": 16, "batch": 32, "learningRate": 0.001 }
  }`;

const NOTES = `Networks, summaries and densities are { "kind": KIND } with their settings, or the name of the kind alone. Any summary may have symmetries
of the model, in which training shows the data. A transform is one or a list of what --transform takes. A likelihood is graph or host,
the model's own, or the FILE.amortis of a trained synthetic-likelihood, with the transform it was trained with.
Columns are transforms by data array, { "income": "log", "site": { "kind": "oneHot", "categories": 5 } }: log, logit, linear or drop;
constrain with lower, upper or both; standardize with mean and sd; oneHot with categories; and under a new name concatenate with arrays.
An activation is ${activation.options.join(", ")}.`;

const HEADINGS: Readonly<Record<string, string>> = {
  network: "Networks (head, critic, network of synthetic-likelihood; mlp where no kind is named):",
  summary: "Summaries (summary, network of methods of summaries):",
  vectorField:
    "Vector fields (field of flow matching, diffusion and their like; modulatedResidual where no kind is named):",
  tokens: "Networks of tokens (network of any-to-any):",
  density: "Densities:",
  estimateLoss: "Losses of estimates, beside squared, absolute and mode:",
  ratioLoss: "Losses of ratios, beside crossEntropy:",
} satisfies Partial<Record<Room, string>>;

function listOf({ schema }: Settings): string {
  return settingsOf(schema.shape);
}

function settingsOf(shape: z.core.$ZodShape): string {
  return Object.entries(shape)
    .map(([name, setting]) => settingOf(name, setting))
    .join(", ");
}

/** `layers "by dimension"`, `pooling max|average`; a default comes first. */
function settingOf(name: string, setting: z.core.$ZodType): string {
  const usual = setting instanceof z.ZodDefault ? inWords(setting.def.defaultValue) : undefined;
  const inner = unwrapped(setting);
  // Activations are many, and said once.
  const listed = inner instanceof z.ZodEnum && inner !== activation;
  const others = listed ? inner.options.map(String) : [];
  const values = [...new Set([...(usual === undefined ? [] : [usual]), ...others])];
  return values.length === 0 ? name : `${name} ${values.join("|")}`;
}

/** A default value; of a part, its kind. */
function inWords(value: unknown): string {
  if (typeof value === "string") return value.includes(" ") ? JSON.stringify(value) : value;
  if (typeof value === "object" && value !== null && "kind" in value) return String(value.kind);
  return JSON.stringify(value);
}

/** A name, and text beside it in lines of bounded width. */
function entry(name: string, text: string): string {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (INDENT + last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return (`  ${name}`.padEnd(INDENT) + lines.join(`\n${" ".repeat(INDENT)}`)).trimEnd();
}
