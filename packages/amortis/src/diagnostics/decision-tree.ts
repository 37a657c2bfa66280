/**
 * A decision tree of two classes as scikit-learn grows it: to the end, by Gini impurity, looking at a random part of the features at each node.
 *
 * Nodes are split in depth-first order, left before right, and features drawn by scikit-learn's own xorshift, so that the same seed grows the same
 * tree. A feature's values are looked at in order: rows are sorted by their rank among all rows, which is worked out once for many trees.
 *
 * References: Breiman, Friedman, Olshen and Stone (1984), "Classification and Regression Trees"; Pedregosa et al. (2011), "Scikit-learn".
 */
import type { LabelledRows } from "./classifier.js";

/** Values closer than this are one value. */
const CLOSEST = Math.fround(1e-7);
/** Below this many rows, sorting by insertion is faster than by digits. */
const SMALL = 48;

/** Rows, and the order of each feature's values among them. */
export interface RankedRows extends LabelledRows {
  /** For each feature, [n]: the place of each row's value in rising order. */
  readonly ranks: readonly Uint32Array[];
}

/** Ranks rows by each feature. */
export function rankRows(rows: LabelledRows): RankedRows {
  const { x, d, labels } = rows;
  const n = labels.length;
  const ranks = Array.from({ length: d }, (_, feature) => {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    order.sort((a, b) => (x[a * d + feature] ?? 0) - (x[b * d + feature] ?? 0));
    const rank = new Uint32Array(n);
    for (const [place, row] of order.entries()) rank[row] = place;
    return rank;
  });
  return { ...rows, ranks };
}

/** The next number of scikit-learn's generator, which is also its state. */
function xorshift(state: number): number {
  let next = state === 0 ? 1 : state;
  next ^= next << 13;
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
}

/** A part of the rows, to be split or not. */
interface Open {
  readonly start: number;
  readonly end: number;
  /** Features known to be constant here, which come first in `features`. */
  readonly constants: number;
  /** The node that it is a child of, and on which side. */
  readonly parent: number;
  readonly isLeft: boolean;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly constants: number;
}

/** A tree, grown when it is made. */
export class DecisionTree {
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  /** Share of class one, of leaves. */
  readonly #share: number[] = [];
  readonly #rows: RankedRows;
  readonly #weights: Uint32Array;
  readonly #maxFeatures: number;
  readonly #samples: Uint32Array;
  readonly #scratch: Uint32Array;
  readonly #features: Uint32Array;
  readonly #constantFeatures: Uint32Array;
  #random: number;

  /**
   * @param weights how often each row counts, [n]; rows that do not count are not seen.
   * @param maxFeatures features that a split is chosen from.
   * @param seed of scikit-learn's generator, from 0 to 2^31 - 1.
   */
  constructor(rows: RankedRows, weights: Uint32Array, maxFeatures: number, seed: number) {
    this.#rows = rows;
    this.#weights = weights;
    this.#maxFeatures = maxFeatures;
    this.#random = seed;
    this.#samples = Uint32Array.from(weights.keys()).filter((row) => (weights[row] ?? 0) > 0);
    this.#scratch = new Uint32Array(this.#samples.length);
    this.#features = Uint32Array.from({ length: rows.d }, (_, j) => j);
    this.#constantFeatures = new Uint32Array(rows.d);
    this.#grow();
  }

  /** The share of class one in the leaf that a row falls into; the row is at `offset`. */
  shareOfOne(x: Float32Array, offset: number): number {
    let node = 0;
    for (;;) {
      const feature = this.#feature[node] ?? -1;
      if (feature < 0) return this.#share[node] ?? 0;
      const isLeft = (x[offset + feature] ?? 0) <= (this.#threshold[node] ?? 0);
      node = (isLeft ? this.#left[node] : this.#right[node]) ?? 0;
    }
  }

  #grow(): void {
    const open: Open[] = [
      { start: 0, end: this.#samples.length, constants: 0, parent: -1, isLeft: true },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { start, end, constants, parent, isLeft } = next;
      const node = this.#feature.length;
      if (parent >= 0) (isLeft ? this.#left : this.#right)[parent] = node;
      const [zeros, ones] = this.#count(start, end);
      const split =
        end - start < 2 || zeros === 0 || ones === 0
          ? undefined
          : this.#chooseSplit(start, end, constants, zeros, ones);
      this.#feature.push(split?.feature ?? -1);
      this.#threshold.push(split?.threshold ?? 0);
      this.#left.push(0);
      this.#right.push(0);
      this.#share.push(ones / (zeros + ones));
      if (split === undefined) continue;
      const middle = this.#partition(start, end, split);
      const below = { constants: split.constants, parent: node };
      open.push({ start: middle, end, isLeft: false, ...below });
      open.push({ start, end: middle, isLeft: true, ...below });
    }
  }

  /** Weights of both classes. */
  #count(start: number, end: number): readonly [number, number] {
    let [all, ones] = [0, 0];
    for (let i = start; i < end; i++) {
      const row = this.#samples[i] ?? 0;
      const weight = this.#weights[row] ?? 0;
      all += weight;
      if (this.#rows.labels[row]) ones += weight;
    }
    return [all - ones, ones];
  }

  #below(low: number, high: number): number {
    this.#random = xorshift(this.#random);
    return low + ((this.#random & 0x7fffffff) % (high - low));
  }

  /**
   * The best split on features drawn without replacement: as many as are allowed, and more while all of them were constant. Features are kept in
   * the order known constants, found constants, not drawn, drawn.
   */
  #chooseSplit(
    start: number,
    end: number,
    known: number,
    zeros: number,
    ones: number,
  ): Split | undefined {
    const features = this.#features;
    let best: { feature: number; threshold: number } | undefined;
    let bestGain = -Infinity;
    let [left, visited, found, drawn] = [features.length, 0, 0, 0];
    while (left > known + found && (visited < this.#maxFeatures || visited <= found + drawn)) {
      visited++;
      let at = this.#below(drawn, left - found);
      if (at < known) {
        swap(features, drawn, at);
        drawn++;
        continue;
      }
      at += found;
      const feature = features[at] ?? 0;
      this.#sort(start, end, feature);
      if (this.#isConstant(start, end, feature)) {
        swap(features, at, known + found);
        found++;
        continue;
      }
      left--;
      swap(features, left, at);
      const cut = this.#bestCut(start, end, feature, zeros, ones, bestGain);
      if (cut === undefined) continue;
      bestGain = cut.gain;
      best = { feature, threshold: cut.threshold };
    }
    // Siblings go on from the order in which the constants were found.
    features.set(this.#constantFeatures.subarray(0, known));
    this.#constantFeatures.set(features.subarray(known, known + found), known);
    return best && { ...best, constants: known + found };
  }

  #value(i: number, feature: number): number {
    return this.#rows.x[(this.#samples[i] ?? 0) * this.#rows.d + feature] ?? 0;
  }

  #isConstant(start: number, end: number, feature: number): boolean {
    return this.#value(end - 1, feature) <= Math.fround(this.#value(start, feature) + CLOSEST);
  }

  /** The cut between sorted rows after which both sides are purest, where it is better than what there is. */
  #bestCut(
    start: number,
    end: number,
    feature: number,
    zeros: number,
    ones: number,
    least: number,
  ): { readonly gain: number; readonly threshold: number } | undefined {
    const { labels, x, d } = this.#rows;
    const [samples, weights] = [this.#samples, this.#weights];
    let gain = least;
    let threshold: number | undefined;
    let [leftZeros, leftOnes] = [0, 0];
    let value = this.#value(start, feature);
    for (let i = start; i < end - 1; i++) {
      const row = samples[i] ?? 0;
      const weight = weights[row] ?? 0;
      if (labels[row]) leftOnes += weight;
      else leftZeros += weight;
      const next = x[(samples[i + 1] ?? 0) * d + feature] ?? 0;
      const [before, isSame] = [value, next <= Math.fround(value + CLOSEST)];
      value = next;
      if (isSame) continue;
      const leftAll = leftZeros + leftOnes;
      const [rightZeros, rightOnes] = [zeros - leftZeros, ones - leftOnes];
      const rightAll = rightZeros + rightOnes;
      const leftGini = 1 - (leftZeros * leftZeros + leftOnes * leftOnes) / (leftAll * leftAll);
      const rightGini =
        1 - (rightZeros * rightZeros + rightOnes * rightOnes) / (rightAll * rightAll);
      const candidate = -rightAll * rightGini - leftAll * leftGini;
      if (candidate <= gain) continue;
      gain = candidate;
      const middle = before / 2 + next / 2;
      threshold = middle === next ? before : middle;
    }
    return threshold === undefined ? undefined : { gain, threshold };
  }

  /** Sorts rows by a feature: by insertion where there are few, else by two or more digits of their ranks. */
  #sort(start: number, end: number, feature: number): void {
    const rank = this.#rows.ranks[feature] ?? this.#scratch;
    if (end - start < SMALL) sortByInsertion(this.#samples, start, end, rank);
    else sortByDigits(this.#samples, this.#scratch, start, end, rank);
  }

  /** Puts the rows of the left side first; returns where the right side begins. */
  #partition(start: number, end: number, { feature, threshold }: Split): number {
    let [low, high] = [start, end];
    while (low < high) {
      if (this.#value(low, feature) <= threshold) low++;
      else swap(this.#samples, low, --high);
    }
    return low;
  }
}

function swap(values: Uint32Array, i: number, j: number): void {
  const kept = values[i] ?? 0;
  values[i] = values[j] ?? 0;
  values[j] = kept;
}

function sortByInsertion(
  samples: Uint32Array,
  start: number,
  end: number,
  rank: Uint32Array,
): void {
  for (let i = start + 1; i < end; i++) {
    const row = samples[i] ?? 0;
    const place = rank[row] ?? 0;
    let j = i - 1;
    for (; j >= start && (rank[samples[j] ?? 0] ?? 0) > place; j--)
      samples[j + 1] = samples[j] ?? 0;
    samples[j + 1] = row;
  }
}

const counts = new Uint32Array(257);

function sortByDigits(
  samples: Uint32Array,
  scratch: Uint32Array,
  start: number,
  end: number,
  rank: Uint32Array,
): void {
  let [from, to] = [samples, scratch];
  for (let shift = 0; shift < 32 && rank.length >>> shift > 0; shift += 8) {
    counts.fill(0);
    for (let i = start; i < end; i++) {
      const digit = ((rank[from[i] ?? 0] ?? 0) >>> shift) & 255;
      counts[digit + 1] = (counts[digit + 1] ?? 0) + 1;
    }
    for (let digit = 0; digit < 256; digit++) {
      counts[digit + 1] = (counts[digit + 1] ?? 0) + (counts[digit] ?? 0);
    }
    for (let i = start; i < end; i++) {
      const row = from[i] ?? 0;
      const digit = ((rank[row] ?? 0) >>> shift) & 255;
      const at = counts[digit] ?? 0;
      counts[digit] = at + 1;
      to[start + at] = row;
    }
    [from, to] = [to, from];
  }
  if (from !== samples) samples.set(from.subarray(start, end), start);
}
