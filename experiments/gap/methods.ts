/**
 * The gap of every method that answers with a posterior, for the Gaussian field, whose posterior is known by quadrature:
 *
 *     npm run experiment:gap-methods -- --simulations 4000 --epochs 15 --sets 30 --out rows.json
 *
 * KL(p ‖ q) where the method has a density, by draws of p; the largest difference of distribution functions, and C2ST by a forest, of draws. Where the method learns a family of densities of the
 * parameters whose best member can be fitted to one data set, the family's part is of `amortizationGap`. Rows are added to --out as they come, and what it has is not measured again.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  abc,
  cnn,
  flowMatching,
  gaussian,
  gaussianMixture,
  nle,
  npe,
  nre,
  posteriorMomentsSummary,
  simulate,
  splineCoupling,
  stream,
  syntheticLikelihood,
  train,
  variational,
} from "amortis";
import { amortizationGap, c2st, forestClassifier } from "amortis/diagnostics";
import { exactPosteriors, gaussianField, type ExactPosterior } from "@amortis/gaussian-field";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "4000" },
    epochs: { type: "string", default: "15" },
    sets: { type: "string", default: "30" },
    methods: { type: "string" },
    out: { type: "string" },
  },
});

/** Draws of each posterior. */
const DRAWS = 1_000;

/** Draws that the best member of a family is fitted to, and measured by. */
const [FITTED, STEPS] = [3_000, 150];

const summary = cnn({ filters: [16, 32], dense: [32] });
const density = splineCoupling();
const alone = { members: 1, emulations: 0 } as const;

/** A number with its standard error over data sets. */
type Measured = readonly [value: number, error: number];

interface Row {
  readonly method: string;
  readonly simulations: number;
  readonly sets: number;
  readonly kl?: Measured;
  readonly family?: Measured;
  readonly amortization?: Measured;
  readonly apart: Measured;
  readonly c2st: Measured;
  /** Processor seconds. */
  readonly training: number;
}

const settings = {
  simulations: Number(values.simulations),
  epochs: Number(values.epochs),
  seed: 1,
  workers: 0,
  threads: 1,
  calibrate: false,
  progress: false,
  onWarning: () => undefined,
} as const;

/** Posterior mean and second moment, which methods that need few numbers see. */
async function moments() {
  const learned = await train(
    posteriorMomentsSummary(gaussianField, { moments: 2, network: summary }),
    settings,
  );
  return { transform: learned.transform() };
}

/** Estimators by what they are called in the table. */
const METHODS = {
  "npe, spline flow": () => train(npe(gaussianField, { summary, density, ...alone }), settings),
  "npe, mixture of normals": () =>
    train(npe(gaussianField, { summary, density: gaussianMixture(), ...alone }), settings),
  "npe, normal": () =>
    train(npe(gaussianField, { summary, density: gaussian(), ...alone }), settings),
  "npe, flow matching": () =>
    train(npe(gaussianField, { summary, density: flowMatching(), ...alone }), settings),
  "variational, spline flow": () =>
    train(variational(gaussianField, { summary, density, members: 1 }), {
      ...settings,
      clipNorm: 1,
    }),
  nre: () => train(nre(gaussianField, { summary }), settings),
  "nle of learned moments": async () => train(nle(gaussianField, await moments()), settings),
  "synthetic likelihood of learned moments": async () =>
    train(syntheticLikelihood(gaussianField, await moments()), settings),
  "abc, learned means": () => train(abc(gaussianField, { summary: "learned" }), settings),
} as const;

type Way = keyof typeof METHODS;

async function measure(method: Way, test: Test): Promise<Row> {
  const { z, exact } = test;
  const before = process.cpuUsage();
  const estimator = await METHODS[method]();
  const { user, system } = process.cpuUsage(before);
  const batch = await estimator.givenBatch({ z }, { samples: DRAWS });
  const row: Row = {
    method,
    simulations: settings.simulations,
    sets: exact.length,
    ...(await divergence(batch, test)),
    apart: averaged(exact.map((posterior, i) => mostApart(posterior, drawsOf(batch.draws, i)))),
    c2st: averaged(await toldApart(batch.draws, test)),
    training: (user + system) / 1e6,
    ...(estimator.kind === "posterior" && method !== "npe, flow matching"
      ? await split(estimator, test)
      : {}),
  };
  await estimator.release();
  return row;
}

const drawsOf = (draws: ArrayLike<number>, i: number): Float64Array =>
  Float64Array.from({ length: DRAWS }, (_, j) => draws[i * DRAWS + j] ?? Number.NaN);

interface Test {
  readonly z: Float64Array;
  readonly exact: readonly ExactPosterior[];
  /** [data sets, FITTED]. */
  readonly draws: Float64Array;
}

interface Answered {
  logDensity(theta: Float64Array): Promise<ArrayLike<number>>;
}

/** KL(p ‖ q) by draws of p; nothing of draws without a density. */
async function divergence(batch: Answered, { exact, draws }: Test): Promise<Pick<Row, "kl">> {
  const some = Float64Array.from(
    { length: exact.length * DRAWS },
    (_, at) => draws[Math.floor(at / DRAWS) * FITTED + (at % DRAWS)] ?? Number.NaN,
  );
  try {
    const logs = await batch.logDensity(some);
    const each = exact.map((posterior, i) => {
      let sum = 0;
      for (let at = i * DRAWS; at < (i + 1) * DRAWS; at++) {
        sum += posterior.logDensity(some[at] ?? Number.NaN) - (logs[at] ?? Number.NaN);
      }
      return sum / DRAWS;
    });
    return { kl: averaged(each) };
  } catch (error) {
    console.error(String(error));
    return {};
  }
}

/** What is due to the family, and what to amortization. */
async function split(
  estimator: Parameters<typeof amortizationGap>[0],
  { z, exact, draws }: Test,
): Promise<Pick<Row, "family" | "amortization" | "kl">> {
  const reference = { size: exact.length, draws };
  const { kl } = await amortizationGap(estimator, { z }, reference, {
    model: gaussianField,
    steps: STEPS,
  });
  const of = (part: keyof typeof kl): Measured => [kl[part].value, kl[part].standardError];
  return { kl: of("total"), family: of("family"), amortization: of("amortization") };
}

/** The largest difference of distribution functions. */
function mostApart(posterior: ExactPosterior, draws: Float64Array): number {
  return draws.toSorted().reduce((most, theta, j) => {
    const u = posterior.cdf(theta);
    return Math.max(most, Math.abs(u - j / DRAWS), Math.abs(u - (j + 1) / DRAWS));
  }, 0);
}

/** C2ST of as many draws, by a forest. */
async function toldApart(answers: ArrayLike<number>, { exact, draws }: Test): Promise<number[]> {
  const classifier = forestClassifier();
  const scores: number[] = [];
  for (const i of exact.keys()) {
    const reference = Float32Array.from(draws.subarray(i * FITTED, i * FITTED + DRAWS));
    const samples = Float32Array.from(drawsOf(answers, i));
    scores.push((await c2st(reference, samples, 1, { classifier, folds: 3 })).score);
  }
  return scores;
}

function averaged(each: readonly number[]): Measured {
  const n = each.length;
  const mean = each.reduce((a, b) => a + b, 0) / n;
  const variance = each.reduce((sum, own) => sum + (own - mean) ** 2, 0) / (n - 1);
  return [mean, Math.sqrt(variance / n)];
}

async function testSets(): Promise<Test> {
  const simulations = Number(values.sets);
  const { data } = await simulate(gaussianField, { simulations, seed: "gap", workers: 0 });
  const exact = exactPosteriors(data.z);
  const draws = new Float64Array(exact.length * FITTED);
  for (const [i, posterior] of exact.entries()) {
    const random = stream("exact").split(i);
    for (let j = 0; j < FITTED; j++) draws[i * FITTED + j] = posterior.quantile(random.uniform());
  }
  return { z: Float64Array.from(data.z), exact, draws };
}

function known(): readonly Row[] {
  const { out } = values;
  if (out === undefined || !existsSync(out)) return [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of our own
  return JSON.parse(readFileSync(out, "utf8")) as readonly Row[];
}

const shown = (measured: Measured | undefined): string =>
  measured === undefined ? "" : `${measured[0].toFixed(3)} ± ${measured[1].toFixed(3)}`;

const COLUMNS = [
  "method",
  "KL(p‖q)",
  "family",
  "amortization",
  "distribution functions apart",
  "C2ST",
  "training, processor s",
];
console.log(`| ${COLUMNS.join(" | ")} |\n|${COLUMNS.map(() => "---").join("|")}|`);
const test = await testSets();
const isWay = (name: string): name is Way => Object.hasOwn(METHODS, name);
for (const method of values.methods?.split(";") ?? Object.keys(METHODS)) {
  if (!isWay(method)) throw new RangeError(`there is no method "${method}" here`);
  const before = known().find((row) => row.method === method);
  const row = before ?? (await measure(method, test));
  const parts = [row.kl, row.family, row.amortization, row.apart, row.c2st].map(shown);
  console.log(`| ${[method, ...parts, row.training.toFixed(0)].join(" | ")} |`);
  if (before === undefined && values.out !== undefined) {
    writeFileSync(values.out, `${JSON.stringify([...known(), row], undefined, 1)}\n`);
  }
}
