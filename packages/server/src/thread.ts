/**
 * A thread that answers. It has every estimator, and computes what several requests ask in one run of the networks.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { workerData } from "node:worker_threads";
import {
  AmortisError,
  answeringRuntime,
  answerSheet,
  defaultRuntime,
  encodeNpy,
  joinedRuntime,
  load,
  type AnswerSheet,
  type Estimator,
  type JoinedRuntime,
} from "amortis/answers";
import { nestedJson, toJson } from "./numbers.js";
import type { Answered, Batch, Check, Outcome, Question, ThreadData } from "./questions.js";

interface Opened {
  readonly digest: string;
  readonly estimator: Estimator;
}

/** Warnings of the request whose code runs. */
const heard = new AsyncLocalStorage<string[]>();

/** Codes of errors that are of the data or of what was asked of them. */
const OF_THE_DATA: ReadonlySet<string> = new Set([
  "data",
  "invalid-argument",
  "shape",
  "unsupported",
]);

const { estimators, runtime: kind }: ThreadData = workerData;
const ready = start();
// Said by whoever asks.
ready.catch(() => {});

async function start(): Promise<{ runtime: JoinedRuntime; opened: ReadonlyMap<string, Opened> }> {
  const runtime = joinedRuntime(await (kind === "native" ? defaultRuntime() : answeringRuntime()));
  const onWarning = (message: string): void => void heard.getStore()?.push(message);
  const opened = await Promise.all(
    estimators.map(async ({ name, digest, bytes }) => {
      const estimator = await load(bytes, { runtime, onWarning });
      return [name, { digest, estimator }] as const;
    }),
  );
  return { runtime, opened: new Map(opened) };
}

/** Resolves once the thread has opened its estimators. */
export async function open(): Promise<void> {
  await ready;
}

/** Answers requests of one estimator; what is wrong with one is no other's business. */
export async function answer({ estimator: name, questions }: Batch): Promise<readonly Outcome[]> {
  const { runtime, opened } = await ready;
  const found = opened.get(name);
  if (found === undefined) throw new Error(`there is no estimator "${name}" in this thread`);
  const ended = await runtime.together(
    questions.map((question) => () => answerOne(name, found, question)),
  );
  return ended.map((one) => (one.status === "fulfilled" ? one.value : failure(one.reason)));
}

function failure(error: unknown): Outcome {
  const ofData = error instanceof AmortisError && OF_THE_DATA.has(error.code);
  return {
    failed: ofData ? "data" : "server",
    message: error instanceof Error ? error.message : String(error),
  };
}

async function answerOne(
  name: string,
  { estimator, digest }: Opened,
  { data, options, form }: Question,
): Promise<Answered> {
  const warnings: string[] = [];
  const sheet = await heard.run(warnings, () => answerSheet(estimator, data, options));
  const check = checkOf(sheet, warnings);
  if (form === "sheet") return { check, sheet };
  if (form === "npy") return { check, body: encodeNpy({ shape: sheet.shape, data: sheet.array }) };
  return { check, body: jsonOf({ estimator: name, digest }, sheet, check, form === "draws") };
}

function checkOf({ document: { datasets } }: AnswerSheet, warnings: readonly string[]): Check {
  const pValues = datasets.flatMap(({ typicality }) => typicality ?? []);
  return {
    ...(pValues.length > 0 && { typicality: Math.min(...pValues) }),
    warnings,
    refused: datasets.filter(({ status }) => status === "refused").length,
  };
}

/** The answer as JSON; draws are written for themselves, which is most of the work where there are any. */
function jsonOf(
  about: Readonly<Record<string, string>>,
  { document, shape, array }: AnswerSheet,
  { warnings }: Check,
  draws: boolean,
): Uint8Array {
  const text = toJson({ ...about, ...document, warnings });
  const whole = draws ? `${text.slice(0, -1)},"draws":${nestedJson(array, shape)}}` : text;
  return new TextEncoder().encode(whole);
}
