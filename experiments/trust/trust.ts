/**
 * What the labels of `answer: "trusted"` are worth: how many data sets get each, and how many of them are false, held against exact posteriors.
 *
 * A label is false where the draws of the answer and the exact distribution functions differ by more than 0.1 somewhere, along any axis of the exact posterior (whitened, so that wrong
 * correlations count). Data sets are fresh ones of the model, or of one that differs from it; the exact posterior is that of the model which was written, in either case.
 *
 *     npm run experiment:trust -- --sets 1000 --simulations 20000,500
 */
import { parseArgs } from "node:util";
import {
  loadPosterior,
  npe,
  Refusal,
  splineCoupling,
  train,
  type Answer,
  type PosteriorEstimator,
} from "amortis";
import { CASES, type Case } from "./cases.js";
import { mostApart } from "./score.js";

const { values } = parseArgs({
  options: {
    sets: { type: "string", default: "1000" },
    simulations: { type: "string", default: "20000,500" },
    /** Only cases whose name has this in it. */
    case: { type: "string", default: "" },
  },
});
const SETS = Number(values.sets);
const BUDGETS = values.simulations.split(",").map(Number);

/** Difference of distribution functions from which on a label is false. */
const FALSE = 0.1;

const LABELS = ["amortized", "corrected", "exact", "refused"] as const;

interface Counts {
  readonly labels: Map<string, number>;
  readonly wrong: Map<string, number>;
  readonly causes: Map<string, number>;
}

function note(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Labels of answers, and which are false. */
function count(answers: readonly Answer[], apart: (dataSet: number) => number): Counts {
  const counts: Counts = { labels: new Map(), wrong: new Map(), causes: new Map() };
  for (const [i, { label = "refused", refusal }] of answers.entries()) {
    note(counts.labels, label);
    if (refusal !== undefined) note(counts.causes, refusal.because);
    else if (apart(i) > FALSE) note(counts.wrong, label);
  }
  return counts;
}

function row(what: readonly string[], { labels, wrong, causes }: Counts): string {
  const answered = SETS - (labels.get("refused") ?? 0);
  const all = [...wrong.values()].reduce((a, b) => a + b, 0);
  const cells = LABELS.map((label) => {
    const n = labels.get(label) ?? 0;
    return label === "refused" || n === 0 ? String(n) : `${n} (${wrong.get(label) ?? 0})`;
  });
  const percent = (100 * all) / Math.max(1, answered);
  const why = [...causes].map(([cause, n]) => `${n} ${cause}`).join("; ");
  return `| ${[...what, ...cells, ((100 * answered) / SETS).toFixed(1), percent.toFixed(1), why].join(" | ")} |`;
}

async function measure({ name, model, worlds }: Case, simulations: number): Promise<void> {
  const quiet = { onWarning: (): void => undefined };
  const estimator: PosteriorEstimator = await train(npe(model, { density: splineCoupling() }), {
    simulations,
    seed: 1,
    workers: 0,
    threads: 1,
    ...quiet,
  });
  for (const [world, simulate] of Object.entries(worlds)) {
    const { data, posteriors } = await simulate(SETS);
    const score = async (who: PosteriorEstimator): Promise<Counts> => {
      const given = await orRefusal(who.givenBatch(data, { answer: "trusted" }));
      // Where all are refused, there is nothing but the reason of the first.
      if (given instanceof Refusal) {
        const refusal = given;
        return count(
          Array.from({ length: SETS }, () => ({ status: "refused", refusal })),
          () => 0,
        );
      }
      const { answers, draws, drawsEach } = given;
      const span = drawsEach * model.parameterSize;
      return count(answers, (i) => {
        const posterior = posteriors[i];
        if (posterior === undefined) throw new TypeError("each data set has a posterior");
        return mostApart(draws.subarray(i * span, (i + 1) * span), posterior);
      });
    };
    console.log(row([name, String(simulations), world, "likelihood"], await score(estimator)));
    const alone = await withoutModel(estimator);
    console.log(row([name, String(simulations), world, "none"], await score(alone)));
    await alone.release();
  }
  await estimator.release();
}

async function orRefusal<T>(given: Promise<T>): Promise<T | Refusal> {
  try {
    return await given;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The same estimator, whose answers have nothing to be checked by but the data. */
async function withoutModel(estimator: PosteriorEstimator): Promise<PosteriorEstimator> {
  const alone = await loadPosterior(await estimator.toBytes(), { onWarning: () => undefined });
  if (alone.kind !== "posterior") throw new TypeError("npe gives posteriors");
  return alone;
}

const columns = [
  "model",
  "simulations",
  "data",
  "checked by",
  ...LABELS,
  "answered, %",
  "false, %",
  "refused because",
];
console.log(`${SETS} data sets each; in parentheses the labels that are false\n`);
console.log(`| ${columns.join(" | ")} |`);
console.log(`|${columns.map(() => "---").join("|")}|`);
for (const each of CASES.filter(({ name }) => name.includes(values.case))) {
  for (const simulations of BUDGETS) await measure(each, simulations);
}
