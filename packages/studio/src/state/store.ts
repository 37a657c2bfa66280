/**
 * What is on screen: signals, and what follows from them. Nothing here draws.
 */
import { batch, computed, signal } from "@preact/signals";
import type { DistributionJson } from "amortis/extend";
import type {
  Answer,
  Card,
  Contamination,
  DataRecord,
  DataSource,
  Question,
  Reply,
  Study,
} from "../protocol/types.js";
import type { Tab } from "./tabs.js";

/** What a brush does to a field. */
export type Tool = "raise" | "lower" | "erase" | "restore";

/** The estimator that is open, and where it was opened from: what a link can name, or nothing. */
export const card = signal<Card | undefined>(undefined);
export const address = signal<string | undefined>(undefined);
export const opening = signal<string | undefined>(undefined);

export const source = signal<DataSource>({ kind: "given", data: {} });
export const contamination = signal<Contamination>({ share: 0, slab: 2 });
export const erased = signal<Readonly<Record<string, readonly number[]>>>({});
/** Above which values are hidden, where the estimator has a threshold among its data; undefined hides none. */
export const threshold = signal<number | undefined>(undefined);
export const replicates = signal(1);
export const priors = signal<Readonly<Record<string, DistributionJson>>>({});
export const samples = signal(1_000);
export const seed = signal(0);
export const level = signal(0.9);

/** Data sets of a file, of which one is shown. */
export const batchOfData = signal<readonly DataRecord[]>([]);
export const shown = signal(0);

export const tab = signal<Tab>("corner");
export const tool = signal<Tool>("raise");
export const theme = signal<"auto" | "light" | "dark">("auto");

/** Share of draws, by flat parameter, that are brushed: from and to. */
export const region = signal<Readonly<Record<string, readonly [number, number]>>>({});
export const predicted = signal<readonly DataRecord[]>([]);
export const study = signal<Study | undefined>(undefined);

/** Other answers to the same data, laid over the first. */
export interface Overlay {
  readonly title: string;
  readonly answer: Answer;
}
export const overlays = signal<readonly Overlay[]>([]);

export const reply = signal<Reply | undefined>(undefined);
/** What went wrong, by the place on screen that caused it. */
export const errors = signal<Readonly<Record<string, string>>>({});
/** Answers that have come since the page was opened, for measurements. */
export const answers = signal(0);

/** The question that the reply is to. */
export const answeredQuestion = signal<Question | undefined>(undefined);

/** All that the answer depends on; undefined while there is nothing to ask. */
export const question = computed<Question | undefined>(() => {
  if (card.value === undefined) return undefined;
  if (source.value.kind === "given" && Object.keys(source.value.data).length === 0) {
    return undefined;
  }
  return {
    estimator: card.value.id,
    source: source.value,
    contamination: contamination.value,
    erased: erased.value,
    threshold: threshold.value,
    replicates: source.value.kind === "simulated" ? replicates.value : 1,
    priors: priors.value,
    samples: samples.value,
    seed: seed.value,
    level: level.value,
  };
});

/** Whether a newer answer is on its way. */
export const waiting = computed(() => question.value !== answeredQuestion.value);

/** The true parameters, where the data were simulated from some. */
export const truth = computed(() =>
  source.value.kind === "simulated" ? source.value.theta : undefined,
);

/** The answer on screen: under the prior asked for, or else under the first. */
export const answer = computed(() => reply.value?.answer ?? reply.value?.before);

/** Says what went wrong in a place, or that nothing did. */
export function setError(place: string, message: string | undefined): void {
  if (message === undefined && errors.value[place] === undefined) return;
  const { [place]: _before, ...others } = errors.value;
  errors.value = message === undefined ? others : { ...others, [place]: message };
}

/** Does something of which an error belongs in a place. */
export async function guarded(place: string, work: () => Promise<void>): Promise<void> {
  setError(place, undefined);
  try {
    await work();
  } catch (error) {
    setError(place, error instanceof Error ? error.message : String(error));
  }
}

/** Forgets what is of one estimator alone. */
export function resetQuestion(): void {
  batch(() => {
    contamination.value = { share: 0, slab: contamination.value.slab };
    erased.value = {};
    threshold.value = undefined;
    replicates.value = 1;
    priors.value = {};
    batchOfData.value = [];
    shown.value = 0;
    region.value = {};
    predicted.value = [];
    study.value = undefined;
    overlays.value = [];
    reply.value = undefined;
    source.value = { kind: "given", data: {} };
    errors.value = {};
  });
}
