/**
 * Where the draws of a posterior come from: base noise, and which member of an ensemble makes of it which draws.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import type { BaseNoise } from "../densities/density.js";
import { Noise, seedKey } from "../random/noise.js";

/** A stream of each kind of noise for each of some data sets. */
export type Streams = Readonly<Record<"normal" | "uniform", readonly Noise[]>>;

/** Base noise of so many draws of each data set, [data sets, draws, columns]. */
export function baseNoise(
  streams: Streams,
  kind: "normal" | "uniform",
  draws: number,
  columns: number,
): HostTensor {
  const sets = streams[kind];
  const span = draws * columns;
  const values = new Float32Array(sets.length * span);
  for (const [i, random] of sets.entries()) {
    const part = values.subarray(i * span, (i + 1) * span);
    if (kind === "normal") random.fillNormal(part);
    else random.fillUniform(part);
  }
  return hostTensor(values, [sets.length, draws, columns]);
}

/** One of the densities that draws come from: the only one, or a member of an ensemble. */
export interface DrawingMember {
  readonly program: string;
  readonly weight: number;
  readonly noise: BaseNoise;
}

/** What a posterior's draws come from, by what its file says. */
export function drawingMembers({
  noise,
  members,
}: {
  readonly noise: BaseNoise;
  readonly members?: readonly Omit<DrawingMember, "program">[];
}): readonly DrawingMember[] {
  if (members === undefined) return [{ program: "sample", weight: 1, noise }];
  return members.map((member, k) => ({ program: `sample${k}`, ...member }));
}

/** The golden ratio's fraction: its multiples fill the unit interval as evenly as can be, however many there are. */
const GOLDEN = 0.6180339887498949;

/** Which member each draw comes from: as near to their weights as it can be in any part of the draws, and the same for all data sets. */
export function shares(members: readonly DrawingMember[], draws: number, seed: number): Uint8Array {
  const who = new Uint8Array(draws);
  if (members.length < 2) return who;
  const start = new Noise(seedKey(seed)).split("members").uniform();
  for (let i = 0; i < draws; i++) {
    let left = (start + i * GOLDEN) % 1;
    let k = 0;
    while (k < members.length - 1 && left >= (members[k]?.weight ?? 1)) {
      left -= members[k]?.weight ?? 1;
      k++;
    }
    who[i] = k;
  }
  return who;
}

/** The draws that come from member k. */
export function placesOf(who: Uint8Array, k: number): Uint32Array {
  let count = 0;
  for (const member of who) if (member === k) count++;
  const places = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < who.length; i++) if (who[i] === k) places[at++] = i;
  return places;
}

/** How far the draws that come from a member are from its share of them, at most, of thousands. */
const SPREAD = 3;

/**
 * Draws that a member is asked for, of which `count` are kept: as many for one seed as for another, since programs are compiled for the sizes of a call.
 *
 * @param most that one call takes; where there are several calls, nothing is gained.
 */
export function askedOf(weight: number, draws: number, count: number, most: number): number {
  if (count === 0 || count > most) return count;
  return Math.max(count, Math.min(Math.ceil(weight * draws) + SPREAD, most));
}

/** A stream of each kind of noise for each of the data sets [from, to), for member k. */
export function noiseStreams(seed: number, from: number, to: number, k: number): Streams {
  const root = new Noise(seedKey(seed)).split("posterior");
  const each = (kind: string): readonly Noise[] => {
    const all = root.split(k === 0 ? kind : `${kind} of member ${k}`);
    return Array.from({ length: to - from }, (_, i) => all.split(from + i));
  };
  return { normal: each("normal"), uniform: each("uniform") };
}

/**
 * Puts draws of p numbers each where they belong.
 *
 * @param from [sets, draws, p], of the places from `first` on; those for which there is no place are left out.
 * @param into [sets, draws, p], of which the sets from `set` on are meant.
 */
export function scatter(
  from: Float32Array,
  into: Float32Array,
  places: Uint32Array,
  {
    set,
    sets,
    first,
    draws,
    p,
  }: Readonly<Record<"set" | "sets" | "first" | "draws" | "p", number>>,
): void {
  const each = from.length / (sets * p);
  const part = Math.min(each, places.length - first);
  for (let i = 0; i < sets; i++) {
    const base = (set + i) * draws * p;
    for (let j = 0; j < part; j++) {
      const to = base + (places[first + j] ?? 0) * p;
      const at = (i * each + j) * p;
      for (let c = 0; c < p; c++) into[to + c] = from[at + c] ?? 0;
    }
  }
}
