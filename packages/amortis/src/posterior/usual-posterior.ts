/**
 * The posterior where no method is asked for: the methods that can answer, in turn, until one does.
 */
import type { Distribution } from "../distributions/index.js";
import { enumerableValues } from "./enumeration.js";
import type { Drawn, PosteriorSource } from "./posterior.js";
import { Refusal, refused, type Answer } from "./refusal.js";
import { unconstrainedSpace } from "./target.js";
import { neighbours } from "./neighbours.js";

/** Ways to a posterior. */
export type PosteriorMethod = "grid" | "mcmc" | "importance" | "rejection";

/** How each is made. */
export type PosteriorMethods = Readonly<Record<PosteriorMethod, () => PosteriorSource>>;

/**
 * The methods to try: all values of discrete parameters, or importance where some are continuous; a grid of one or two axes, and Markov chains of
 * more; where they would not do, the next.
 */
export function usualMethods(
  prior: Distribution,
  names: readonly string[],
): readonly [PosteriorMethod, ...PosteriorMethod[]] {
  if (enumerableValues(prior) !== undefined) return ["grid"];
  if (prior.support.values !== undefined) return ["importance"];
  const axes = unconstrainedSpace("grid", () => prior.bijection, names).unconstrainedSize;
  return axes > 2 ? ["mcmc", "importance"] : ["grid", "mcmc", "importance"];
}

/** The posterior by the first method that answers, for each data set by itself. */
export function usualPosterior(
  methods: PosteriorMethods,
  [first, ...others]: readonly [PosteriorMethod, ...PosteriorMethod[]],
): PosteriorSource {
  return firstToAnswer(
    methods[first](),
    others.map((name) => methods[name]),
  );
}

/**
 * The posterior by the first way that answers, for each data set by itself. Its answer says in a note why the ways before would not do; a data set
 * that one refuses for good, or that the last one refuses, is refused.
 *
 * @param others are made when they are needed.
 */
export function firstToAnswer(
  usual: PosteriorSource,
  others: readonly (() => PosteriorSource)[],
): PosteriorSource {
  const sources = [usual];
  const sourceAt = (place: number): PosteriorSource | undefined => {
    const made = sources[place] ?? others[place - 1]?.();
    if (made !== undefined) sources[place] = made;
    return made;
  };
  const { slots, flatNames, size } = usual;
  const p = flatNames.length;
  /** Which one answers each data set. */
  const places = new Map<number, number>();
  const sourceOf = (dataSet: number): PosteriorSource =>
    sourceAt(places.get(dataSet) ?? 0) ?? usual;

  async function draw(draws: number, seed: number, start: number, end: number): Promise<Drawn> {
    const result = new Float32Array((end - start) * draws * p).fill(Number.NaN);
    const answers: Answer[] = [];
    const refusals = new Map<number, readonly Refusal[]>();
    let pending = Array.from({ length: end - start }, (_, i) => start + i);
    for (let place = 0; pending.length > 0; place++) {
      const source = sourceAt(place);
      if (source === undefined) break;
      const left: number[] = [];
      for (const [from, to] of neighbours(pending)) {
        const drawn = await source.draw(draws, seed, from, to);
        result.set(drawn.draws, (from - start) * draws * p);
        for (const [k, answer] of drawn.answers.entries()) {
          const i = from + k;
          const before = refusals.get(i) ?? [];
          answers[i - start] = withHistory(answer, before);
          if (answer.refusal === undefined) places.set(i, place);
          else if (!answer.refusal.final) left.push(i);
          if (answer.refusal !== undefined) refusals.set(i, [...before, answer.refusal]);
        }
      }
      pending = left;
    }
    return { draws: result, answers };
  }

  return {
    slots,
    flatNames,
    size,
    draw,
    withoutDensity: (dataSet) => sourceOf(dataSet).withoutDensity?.(dataSet),
    logDensity: async (parameters, start, end) => {
      const each = parameters.length / (end - start);
      const result = new Float64Array(parameters.length / p).fill(Number.NaN);
      const ofOne = Array.from({ length: end - start }, (_, i) => i + start);
      for (const source of new Set(ofOne.map(sourceOf))) {
        for (const [from, to] of neighbours(ofOne.filter((i) => sourceOf(i) === source))) {
          const asked = parameters.subarray((from - start) * each, (to - start) * each);
          result.set(await source.logDensity(asked, from, to), ((from - start) * each) / p);
        }
      }
      return result;
    },
  };
}

/** An answer that says what was tried before. */
function withHistory(answer: Answer, before: readonly Refusal[]): Answer {
  if (before.length === 0) return answer;
  const tried = before.map(({ message }) => message).join("; ");
  if (answer.refusal === undefined) {
    return { ...answer, note: `by ${NAMES[answer.status] ?? answer.status}, since ${tried}` };
  }
  const { message, final, because } = answer.refusal;
  return refused(new Refusal(`${tried}; and ${message}`, { final, because }));
}

const NAMES: Readonly<Record<string, string>> = {
  mcmc: "Markov chains",
  importance: "importance resampling",
};
