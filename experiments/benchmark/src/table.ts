/**
 * Results as a table of text.
 */
import type { TaskResult } from "./results.js";
import { CLASSIFIERS, type ClassifierName } from "./scores.js";
import { meanC2st, meanOf, publishedBeside } from "./summary.js";

const NONE = "–";

const digits = (value: number | undefined, places: number): string =>
  value === undefined ? NONE : value.toFixed(places);

/** "0.652 ± 0.012" */
function c2stCell(result: TaskResult, classifier: ClassifierName): string {
  const found = meanC2st(result, classifier);
  if (found === undefined) return NONE;
  const error = Number.isNaN(found.standardError) ? "" : ` ± ${found.standardError.toFixed(3)}`;
  return `${found.value.toFixed(3)}${error}`;
}

/**
 * A table of results, its head first.
 *
 * C2ST are means over observations with their standard errors; the published NPE is of the same observations, the best published amortized method
 * of ten; both were scored by the perceptron.
 */
export function benchmarkTable(results: readonly TaskResult[]): readonly (readonly string[])[] {
  const used = CLASSIFIERS.filter((name) =>
    results.some((one) => meanC2st(one, name) !== undefined),
  );
  const head = [
    "task",
    "method",
    "simulations",
    "seed",
    "observations",
    ...used.map((name) => `C2ST (${name})`),
    "published NPE",
    "best published",
    "error of means",
    "error of log sds",
    "log density",
    "training, s",
    "10,000 draws, s",
  ];
  const rows = results.map((result) => {
    const { task, method, simulations, seed, scores, trained, sampling } = result;
    const beside = publishedBeside(result);
    const seconds = Object.values(sampling).toSorted((a, b) => a - b);
    return [
      task,
      method,
      simulations.toLocaleString("en-US"),
      String(seed),
      String(scores.length),
      ...used.map((name) => c2stCell(result, name)),
      digits(beside.npe, 3),
      digits(beside.best, 3),
      digits(
        meanOf(result, ({ meanError }) => meanError),
        3,
      ),
      digits(
        meanOf(result, ({ sdError }) => sdError),
        3,
      ),
      digits(trained?.expectedLogDensity?.value, 3),
      digits(trained?.wallSeconds, 1),
      digits(seconds[Math.floor(seconds.length / 2)], 2),
    ];
  });
  return [head, ...rows];
}
