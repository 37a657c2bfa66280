/**
 * What people do: each changes signals, and nothing else.
 */
import { batch, effect, untracked } from "@preact/signals";
import type { DistributionJson } from "amortis/extend";
import { latest } from "../protocol/latest.js";
import type { Card, DataRecord, Question } from "../protocol/types.js";
import { engine } from "./engine.js";
import { findReady } from "./ready.js";
import {
  address,
  answeredQuestion,
  answers,
  batchOfData,
  card,
  contamination,
  erased,
  guarded,
  opening,
  overlays,
  predicted,
  priors,
  question,
  region,
  replicates,
  reply,
  resetQuestion,
  setError,
  shown,
  source,
  threshold,
} from "./store.js";

/** Opens an estimator from its bytes; data of its model are simulated at once where that can be done. */
export async function openBytes(
  bytes: Uint8Array,
  title: string,
  from: { readonly address?: string; readonly code?: string } = {},
): Promise<void> {
  await guarded("open", async () => {
    opening.value = title;
    try {
      const { code } = from;
      const opened = await engine().open({ bytes, title, ...(code !== undefined && { code }) });
      const before = card.value;
      batch(() => {
        resetQuestion();
        card.value = opened;
        address.value = from.address;
        if (opened.simulates) source.value = simulatedFrom(opened);
      });
      if (before !== undefined) void engine().close(before.id);
    } finally {
      opening.value = undefined;
    }
  });
}

/** Share of the prior below the parameters to begin with: in the middle many a model looks like nothing. */
const START = 0.7;

/** Data to begin with. */
function simulatedFrom({ flat, priorDraws }: Card) {
  const p = flat.length;
  const theta = flat.map(({ whole }, k) => {
    const sorted = priorDraws.filter((_, i) => i % p === k).toSorted();
    const middle = sorted[Math.floor(START * sorted.length)] ?? 0;
    return whole ? middle : Number(middle.toPrecision(3));
  });
  return { kind: "simulated", theta, seed: 1 } as const;
}

/** Opens an estimator by the name of a ready one, or from a URL. */
export async function openAddress(where: string): Promise<void> {
  await guarded("open", async () => {
    opening.value = where;
    try {
      const url = findReady(where)?.url ?? new URL(where, location.href);
      const response = await fetch(url);
      if (!response.ok) {
        throw new Error(`${url.href} cannot be read: ${response.status} ${response.statusText}`);
      }
      const bytes = new Uint8Array(await response.arrayBuffer());
      const title = findReady(where)?.title ?? url.pathname.split("/").at(-1) ?? where;
      await openBytes(bytes, title, { address: where });
    } finally {
      opening.value = undefined;
    }
  });
}

/** Opens whatever was dropped or picked: an estimator, or data for the one that is open. */
export async function openFile(file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (file.name.endsWith(".amortis")) await openBytes(bytes, file.name);
  else await openData(bytes, file.name);
}

/** Data from a file. */
export async function openData(bytes: Uint8Array, name: string): Promise<void> {
  await guarded("data", async () => {
    const { value: opened } = card;
    if (opened === undefined) throw new Error(`open an estimator before its data (${name})`);
    const { sets, notes } = await engine().parse({ estimator: opened.id, bytes, name });
    batch(() => {
      batchOfData.value = sets;
      showSet(0);
    });
    if (notes.length > 0) setError("data", notes.join(" "));
  });
}

/** Shows one of many data sets. */
export function showSet(index: number): void {
  const set = batchOfData.value[index];
  if (set === undefined) return;
  batch(() => {
    shown.value = index;
    giveData(set);
  });
}

/** Data that were painted, dragged, or dropped: no longer of a known θ. */
export function giveData(data: DataRecord): void {
  batch(() => {
    replicates.value = 1;
    source.value = { kind: "given", data };
  });
}

/** Opens one of many data sets that were simulated, with the others beside it. */
export function openSimulated(data: DataRecord, all: readonly DataRecord[], index: number): void {
  batch(() => {
    erased.value = {};
    threshold.value = undefined;
    contamination.value = { ...contamination.value, share: 0 };
    batchOfData.value = all;
    shown.value = index;
    giveData(data);
  });
}

/** Data sets of the prior, of which the first is shown. */
export async function simulateMany(count: number): Promise<void> {
  await guarded("many", async () => {
    const { value: opened } = card;
    if (opened === undefined) return;
    const theta = opened.priorDraws.slice(0, count * opened.flat.length);
    const sets = await engine().predict({ estimator: opened.id, theta, seed: 0 });
    batch(() => {
      batchOfData.value = sets;
      showSet(0);
    });
  });
}

/** Gives a parameter another prior, or that it was trained with. */
export function setPrior(name: string, prior: DistributionJson | undefined): void {
  const { [name]: _before, ...others } = priors.value;
  priors.value = prior === undefined ? others : { ...others, [name]: prior };
}

/** Moves θ: the data are simulated anew, from the same noise. */
export function moveTheta(index: number, value: number): void {
  const { value: opened } = card;
  if (opened?.simulates !== true) return;
  const current = source.value.kind === "simulated" ? source.value : simulatedFrom(opened);
  batch(() => {
    batchOfData.value = [];
    source.value = { ...current, theta: current.theta.with(index, value) };
  });
}

/** Other data of the same θ. */
export function redraw(): void {
  const { value: opened } = card;
  if (opened?.simulates !== true) return;
  const current = source.value.kind === "simulated" ? source.value : simulatedFrom(opened);
  batch(() => {
    erased.value = {};
    source.value = { ...current, seed: current.seed + 1 };
  });
}

/** Asks the worker whenever the question changes; the newest question overtakes those before it. */
export function follow(): () => void {
  const asking = latest<Question, Awaited<ReturnType<ReturnType<typeof engine>["ask"]>>>(
    (asked) => engine().ask(asked),
    (result, asked) => {
      if (asked.estimator !== card.value?.id) return;
      batch(() => {
        reply.value = result;
        answeredQuestion.value = asked;
        answers.value++;
        setError("answer", undefined);
      });
    },
    (error, asked) => {
      answeredQuestion.value = asked;
      setError("answer", error instanceof Error ? error.message : String(error));
    },
  );
  return effect(() => {
    const { value: asked } = question;
    if (asked === undefined) return;
    untracked(() => {
      // What was laid over, or predicted, is of other data.
      overlays.value = [];
      predicted.value = [];
      if (Object.keys(priors.value).length === 0) region.value = {};
    });
    asking(asked);
  });
}
