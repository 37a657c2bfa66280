/**
 * The posterior where no method is asked for: the methods that can answer, in turn, until one does.
 */
import { UnsupportedError } from "@amortis/graph";
import type { Bijection } from "../distributions/index.js";
import type { Drawn, PosteriorSource } from "./posterior.js";
import { Refusal, refused, type Answer } from "./refusal.js";
import { neighbours, unconstrainedSpace } from "./target.js";

/** Ways to a posterior. */
export type PosteriorMethod = "grid" | "mcmc" | "importance";

/** How each is made. */
export type PosteriorMethods = Readonly<Record<PosteriorMethod, () => PosteriorSource>>;

/**
 * The methods to try: a grid of one or two axes, and Markov chains of more; where they would not do, the next.
 *
 * @throws UnsupportedError where a parameter is discrete.
 */
export function usualMethods(
  bijection: () => Bijection,
  names: readonly string[],
): readonly [PosteriorMethod, ...PosteriorMethod[]] {
  const axes = unconstrainedSpace("grid", bijection, names).unconstrainedSize;
  return axes > 2 ? ["mcmc", "importance"] : ["grid", "mcmc", "importance"];
}

/**
 * The posterior by the first method that answers, for each data set by itself. Its answer says in a note why the methods before would not do; a data set
 * that a method refuses for good, or that the last one refuses, is refused.
 */
export function usualPosterior(
  methods: PosteriorMethods,
  [first, ...others]: readonly [PosteriorMethod, ...PosteriorMethod[]],
): PosteriorSource {
  const sources = [methods[first]()];
  /** Others are made when they are needed. */
  const sourceAt = (place: number): PosteriorSource | undefined => {
    const name = others[place - 1];
    if (name !== undefined) sources[place] ??= methods[name]();
    return sources[place];
  };
  const [{ slots, flatNames, size }] = sources as [PosteriorSource];
  const p = flatNames.length;
  /** Which one answers each data set. */
  const places = new Map<number, number>();

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
    logDensity: async (parameters, start, end) => {
      const each = parameters.length / (end - start);
      const result = new Float64Array(parameters.length / p).fill(Number.NaN);
      for (let i = start; i < end; i++) {
        const source = sourceAt(places.get(i) ?? 0);
        const asked = parameters.subarray((i - start) * each, (i - start + 1) * each);
        const found = source?.logDensity(asked, i, i + 1);
        // Chains have no density: of a batch, that is one answer among many.
        const values = await (end - start > 1 ? found?.catch(unsupported) : found);
        if (values !== undefined) result.set(values, ((i - start) * each) / p);
      }
      return result;
    },
  };
}

function unsupported(error: unknown): undefined {
  if (!(error instanceof UnsupportedError)) throw error;
  return undefined;
}

/** An answer that says what was tried before. */
function withHistory(answer: Answer, before: readonly Refusal[]): Answer {
  if (before.length === 0) return answer;
  const tried = before.map(({ message }) => message).join("; ");
  if (answer.refusal === undefined) {
    return { ...answer, note: `by ${NAMES[answer.status] ?? answer.status}, since ${tried}` };
  }
  const { message, final } = answer.refusal;
  return refused(new Refusal(`${tried}; and ${message}`, { final }));
}

const NAMES: Readonly<Record<string, string>> = {
  mcmc: "Markov chains",
  importance: "importance resampling",
};
