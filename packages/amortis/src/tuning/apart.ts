/**
 * Trainings of a search that are done elsewhere, several at once, and the search that is none the wiser.
 *
 * Who is trained next depends on the scores so far, so that more machines must not change the order in which scores are looked at. What is certain is that new contestants come in the
 * order of their numbers and begin on the first rung: while the training that is next is under way, those of the next new contestants are asked for as well, and their scores wait until it is
 * their turn. With `trials` alone the search is then the same, to the bit, for any number of machines. Trainings that the end of the search leaves over are called off.
 */
import { InvalidArgumentError } from "@amortis/graph";
import { loadPosterior } from "../estimators/load-kinds.js";
import { FileError, readContainer, writeContainer } from "../files/container.js";
import { defaultRuntime, isOther } from "../runtime.js";
import { anySignal, type StopSignal } from "../stop-signal.js";
import { learnsLikelihood } from "../training/check-origin.js";
import { contestant, type Field } from "./contestants.js";
import type { Plain } from "./plain.js";
import { FULL, type Heat } from "./racing.js";
import {
  readContestant,
  runTrial,
  trialSchema,
  type Trial,
  type TrialContext,
  type TrialRecord,
} from "./trial.js";

/** Which training of which search. */
export interface TrialAsked extends Heat {
  readonly configuration: Plain;
  /** Of the model, the simulations and what the search is asked for: the same wherever they are the same. */
  readonly fingerprint: string;
}

/** Who trains for a search. */
export interface TrialSource {
  /** Trainings under way at once, at most. */
  readonly width: number;
  /** Trains: gives what `runTrialApart` made of the same model, with the same options. Rejects where `signal` comes. */
  readonly train: (asked: TrialAsked, signal: StopSignal) => Promise<Uint8Array>;
}

const FORMAT = "amortis-trial";
const VERSION = 1;
const ESTIMATOR = "estimator";

/** A training that is done, as bytes: its estimator is there where it may be chosen. */
export async function writeTrial(
  { record, estimator }: Trial,
  fingerprint: string,
): Promise<Uint8Array> {
  const keeps = estimator !== undefined && record.rung === FULL && record.score !== null;
  const parts = keeps ? { [ESTIMATOR]: await estimator.toBytes() } : {};
  return writeContainer(FORMAT, VERSION, { content: { fingerprint, record }, parts });
}

/** @throws FileError where bytes are damaged, or of another training than was asked for. */
async function readTrial(
  bytes: Uint8Array,
  { fingerprint, contestant: number, rung, configuration }: TrialAsked,
  context: TrialContext,
): Promise<Trial> {
  const what = `the training of contestant ${number}`;
  const { content, parts } = await readContainer(bytes, FORMAT, VERSION, what);
  const parsed = trialSchema.safeParse(Reflect.get(Object(content), "record"));
  if (!parsed.success) throw new FileError(`${what} is damaged: it is no training of a search`);
  const { data: record } = parsed;
  const same = record.contestant === number && record.rung === rung;
  if (!same || Reflect.get(Object(content), "fingerprint") !== fingerprint) {
    throw new FileError(`${what} is of another search, or of another contestant`);
  }
  const part = parts[ESTIMATOR];
  const estimator = part && (await open(part, configuration, context));
  return { record: { ...record, configuration }, estimator };
}

/** Opens an estimator as it is after a training here: what answers, and so its last digits, are the same. */
async function open(
  bytes: Uint8Array,
  configuration: Plain,
  { model, options }: TrialContext,
): Promise<NonNullable<Trial["estimator"]>> {
  const { threads, runtime } = options;
  const { method } = await readContestant(configuration, model, options);
  const trainer = await defaultRuntime();
  return loadPosterior(bytes, {
    model,
    ...(threads !== undefined && { threads }),
    ...(runtime !== undefined
      ? { runtime }
      : !learnsLikelihood(method) && (await isOther(trainer)) && { largeRuntime: trainer }),
  });
}

/** Trainings that are asked for: that which is next, and those that will be. */
export class Ahead {
  readonly #source: TrialSource;
  readonly #field: Field;
  readonly #context: TrialContext;
  readonly #fingerprint: string;
  readonly #under = new Map<string, Promise<Trial>>();
  readonly #over = new AbortController();
  /** The newest contestant that was asked for. */
  #newest = 0;

  constructor(source: TrialSource, field: Field, context: TrialContext, fingerprint: string) {
    if (!Number.isSafeInteger(source.width) || source.width < 1) {
      throw new InvalidArgumentError(
        `tune: width must be a whole number of trainings from 1 on, but is ${source.width}`,
      );
    }
    this.#source = source;
    this.#field = field;
    this.#context = context;
    this.#fingerprint = fingerprint;
  }

  /**
   * A training, once it is done; others are asked for meanwhile.
   *
   * @param room trainings that may yet be made, this one included.
   * @returns undefined where the signal comes first.
   */
  async take(
    heat: Heat,
    configuration: Plain,
    trials: readonly TrialRecord[],
    room: number,
    signal: StopSignal | undefined,
  ): Promise<Trial | undefined> {
    this.#newest = Math.max(this.#newest, heat.contestant, ...trials.map((t) => t.contestant));
    const wanted = this.#ask(heat, configuration);
    while (this.#under.size < Math.min(this.#source.width, room)) {
      const next = contestant(this.#newest + 1, this.#field);
      if (next === undefined) break;
      this.#newest++;
      // How it ends is heard of when it is its turn.
      this.#ask({ contestant: this.#newest, rung: 0 }, next).catch(() => {});
    }
    try {
      const trial = await (signal === undefined ? wanted : Promise.race([wanted, ended(signal)]));
      if (trial !== undefined) this.#under.delete(keyOf(heat));
      return trial;
    } catch (error) {
      if (signal?.aborted === true) return undefined;
      throw error;
    }
  }

  #ask(heat: Heat, configuration: Plain): Promise<Trial> {
    const key = keyOf(heat);
    const before = this.#under.get(key);
    if (before !== undefined) return before;
    const { contestant: number, rung } = heat;
    const asked = { contestant: number, rung, configuration, fingerprint: this.#fingerprint };
    const { signal } = this.#context.options;
    const stop = signal === undefined ? this.#over.signal : anySignal(signal, this.#over.signal);
    const trial = this.#source
      .train(asked, stop)
      .then((bytes) => readTrial(bytes, asked, this.#context));
    this.#under.set(key, trial);
    return trial;
  }

  /** Calls off what is under way, and frees what came of it. */
  async close(): Promise<void> {
    this.#over.abort(new Error("the search is over"));
    for (const trial of this.#under.values()) {
      await trial.then(
        ({ estimator }) => estimator?.release(),
        () => {},
      );
    }
  }
}

function keyOf({ contestant: number, rung }: Heat): string {
  return `${number}-${rung}`;
}

/** Undefined, once a signal has come. */
function ended(signal: StopSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(undefined);
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

/** Trains for the search of another process. */
export async function runApart(
  { contestant: number, rung, configuration, fingerprint }: TrialAsked,
  context: TrialContext,
  signal: StopSignal | undefined,
): Promise<Uint8Array> {
  const heat = { contestant: number, rung };
  const trial = await runTrial(heat, configuration, context, { ...(signal && { signal }) });
  try {
    signal?.throwIfAborted();
    return await writeTrial(trial, fingerprint);
  } finally {
    await trial.estimator?.release();
  }
}
