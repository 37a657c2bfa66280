/** A mixed model in a page: the estimator comes with the bundle, and answers as it does in Node. */
import { lmm, loadMixed, sleepstudy } from "@amortis/mixed";

/** What the page has found. */
export interface Found {
  /** Milliseconds to load the estimator, of the first answer and of later ones. */
  readonly load: number;
  readonly first: number;
  readonly later: readonly number[];
  readonly mean: Readonly<Record<string, number | ArrayLike<number>>>;
  readonly k: number;
}

declare global {
  interface Window {
    found?: Promise<Found>;
  }
}

async function find(): Promise<Found> {
  const took = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
    const started = performance.now();
    const result = await work();
    return [result, performance.now() - started];
  };
  const ask = (seed: number) => lmm("Reaction ~ Days + (Days | Subject)", sleepstudy, { seed });
  const [, load] = await took(() => loadMixed());
  const [answer, first] = await took(() => ask(0));
  const later: number[] = [];
  for (let seed = 1; seed <= 20; seed++) later.push((await took(() => ask(seed)))[1]);
  const { fixed, sd, sigma } = answer.mean();
  return {
    load,
    first,
    later,
    mean: { days: fixed["Days"] ?? 0, sd: sd["Days"] ?? 0, sigma },
    k: answer.check.k,
  };
}

window.found = find();
