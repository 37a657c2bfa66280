/**
 * Configurations: a method, its networks and its training, as plain data. Nothing that is not known is let pass.
 *
 *     { "method": "npe", "summary": { "kind": "cnn", "filters": [64, 128] }, "training": { "epochs": 16 } }
 *
 * What may be said is what the settings of the method, and of the networks and densities in it, say.
 */
import { InvalidArgumentError } from "@amortis/graph";
import * as z from "zod";
import { columnTransformsSchema, type ColumnTransformInput } from "../data/column-transform.js";
import { learnedLikelihood } from "../estimators/learned.js";
import type { Method, VariationalLikelihood } from "../methods/index.js";
import { methodKinds, methodRooms, USUAL_METHOD, type MethodKind } from "../methods/rooms.js";
import type { AnyModel } from "../model/index.js";
import { joinTransforms, transformColumns, type DataTransform } from "../networks/index.js";
import { reads } from "../schema/schema.js";
import { explain } from "../settings/explain.js";
import { settingsSchema } from "../settings/parts.js";
import type { Settings } from "../settings/settings.js";
import { trainingSchema, type TrainSettingsInput } from "../settings/training.js";

/** Names of the methods. */
export const methodNames: readonly string[] = methodKinds.map(({ settings }) => settings.alias);

/** What a configuration says, checked. */
export interface Configuration {
  /** Name of the method. */
  readonly method: string;
  /** Options of the method, its networks and densities made, but for the following two. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where transforms of the data are, which are joined; whoever reads the configuration knows what the names mean. */
  readonly transform: readonly string[];
  /** Transforms of columns of the data. */
  readonly columns?: Readonly<Record<string, ColumnTransformInput>>;
  /** The model's own likelihood, "graph" or "host"; or the file of a trained synthetic likelihood. */
  readonly likelihood?: string;
  /** Settings of training that are given. */
  readonly training: Omit<TrainSettingsInput, "validation"> & { readonly validation?: number };
}

/**
 * Reads a configuration.
 *
 * @param json plain data, such as JSON.parse gives.
 * @param what it is called in messages: its file, for instance.
 * @throws InvalidArgumentError where it says something that is not known or cannot be: says what, and where.
 * @example readConfiguration({ method: "npe", density: { kind: "splineCoupling", layers: 8 }, training: { epochs: 20 } })
 */
export function readConfiguration(json: unknown, what = "the configuration"): Configuration {
  const { method, training = {}, ...rest } = checked(anything, json, what);
  const { settings } = methodKind(method ?? USUAL_METHOD, what);
  const { transform, likelihood, columns, ...given } = settings.fromConfiguration(rest);
  refuseOthers(
    [...Object.keys(given), ...(likelihood === undefined ? [] : ["likelihood"])],
    settings,
    what,
  );
  // Defaults are the trainer's to fill in.
  checked(trainingOnly, { training }, what);
  const places = checked(placed, { transform, likelihood, columns }, what);
  const schema = settingsSchema(methodRooms, settings, "configuration");
  return {
    method: settings.alias,
    options: checked(schema, given, what),
    transform: places.transform === undefined ? [] : [places.transform].flat(),
    ...(places.columns !== undefined && { columns: places.columns }),
    ...(places.likelihood !== undefined && { likelihood: places.likelihood }),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- just checked
    training: training as Configuration["training"],
  };
}

const anything = z.record(z.string(), z.unknown());

const trainingOnly = z.strictObject({ training: trainingSchema.strict() });

const columnsSchema = z
  .custom<Readonly<Record<string, ColumnTransformInput>>>()
  .check(({ value, issues }) => {
    const reading = reads(columnTransformsSchema, value);
    if (reading.fits) return;
    const { path, message } = reading.mismatch;
    issues.push({ code: "custom", input: value, path: [...path], message });
  });

const placed = z.strictObject({
  transform: z.union([z.string(), z.array(z.string())]).optional(),
  columns: columnsSchema.optional(),
  likelihood: z
    .string()
    .refine((text) => text === "graph" || text === "host" || text.endsWith(".amortis"), {
      error: "must be graph, host, or the file of a trained synthetic likelihood, FILE.amortis",
    })
    .optional(),
});

/** @throws InvalidArgumentError where data are not what a schema says. */
function checked<T extends z.ZodType>(schema: T, json: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`${what}: ${explain(parsed.error.issues, json)}`);
}

function methodKind(name: unknown, what: string): MethodKind {
  const found = methodKinds.find(({ settings }) =>
    [settings.alias, settings.kind].includes(String(name)),
  );
  if (found !== undefined) return found;
  throw new InvalidArgumentError(
    `${what}: method must be one of ${methodNames.join(", ")}, but is ${JSON.stringify(name)}`,
  );
}

/** @throws InvalidArgumentError where there are settings that the method does not have. */
function refuseOthers(
  names: readonly string[],
  { alias, names: own }: Settings,
  what: string,
): void {
  const other = names.find((name) => !own.includes(name));
  if (other === undefined) return;
  const theirs = methodKinds.flatMap(({ settings }) =>
    settings.names.includes(other) ? [settings.alias] : [],
  );
  throw new InvalidArgumentError(
    theirs.length > 0
      ? `${what}: "${other}" is a setting of ${theirs.join(", ")}, but the method is ${alias}, whose settings are ${own.join(", ")}`
      : `${what}: there is no setting "${other}"; ${alias} has ${own.join(", ")}, and there are method and training`,
  );
}

/** What a configuration names and does not hold. */
export interface ConfigurationParts {
  /** The transforms, joined. */
  readonly transform?: DataTransform | undefined;
}

/**
 * The method that a configuration asks for, for a model.
 *
 * @throws InvalidArgumentError where its settings do not fit the model, or a likelihood's file; FileError where there is no such file.
 * @example
 * const { training, ...configuration } = readConfiguration(json);
 * const estimator = await train(await methodOf(configuration, field), training);
 */
export async function methodOf(
  { method, options, likelihood, columns }: Omit<Configuration, "training">,
  model: AnyModel,
  { transform: given }: ConfigurationParts = {},
): Promise<Method> {
  const byColumn = columns && transformColumns(model, columns);
  const transform = given && byColumn ? joinTransforms(given, byColumn) : (given ?? byColumn);
  const all = {
    ...options,
    ...(transform && { transform }),
    ...(likelihood !== undefined && {
      likelihood: await findLikelihood(likelihood, model, transform),
    }),
  };
  return methodKind(method, "the configuration")(model, all as never);
}

/** The model's own likelihood by its name, or one that was trained before by its file. */
async function findLikelihood(
  source: string,
  model: AnyModel,
  transform: DataTransform | undefined,
): Promise<VariationalLikelihood> {
  if (source === "graph" || source === "host") return source;
  return learnedLikelihood(source, model, transform);
}
