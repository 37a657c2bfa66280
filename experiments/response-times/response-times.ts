/**
 * Response times: what networks answer of lexical decisions, beside Markov chains on the exact likelihood.
 *
 *     npm run experiment:response-times -- --only likelihood     the likelihood of a trial, learned: what it lacks in nats a trial, and posteriors of more and more trials
 *     npm run experiment:response-times -- --only exact          modelPosterior of real subjects beside NUTS of NumPyro
 *     npm run experiment:response-times -- --only alone          the same by npe of all trials and nle of one, --methods npe,nle, beside NUTS
 *     npm run experiment:response-times -- --only together       17 subjects under a group: hierarchical, NUTS, whose numbers `lexical_nuts.py together` has to write first
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  deepSet,
  hierarchical,
  mlp,
  modelPosterior,
  nle,
  npe,
  simulate,
  stream,
  train,
  type PosteriorEstimator,
} from "amortis";
import {
  decisionLogDensity,
  decisions,
  drawDecision,
  lexical,
  lexicalSubjects,
  wordDecisions,
} from "../../models/response-times/src/index.js";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "exact,likelihood,alone" },
    simulations: { type: "string", default: "10000" },
    methods: { type: "string", default: "npe,nle" },
    hierarchies: { type: "string", default: "4000" },
    seed: { type: "string", default: "1" },
    threads: { type: "string", default: "1" },
  },
});
const parts = values.only.split(",");
const simulations = Number(values.simulations);
const common = { seed: Number(values.seed), threads: Number(values.threads), workers: 0 };

/** Mean and standard deviation. */
interface Moments {
  readonly mean: number;
  readonly sd: number;
}

/** What `lexical_nuts.py` writes of a part. */
async function golden<T>(part: "alone" | "together"): Promise<T> {
  const path = `../../models/response-times/test/fixtures/lexical-nuts-${part}.json`;
  const text = await readFile(new URL(path, import.meta.url), "utf8");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the caller says
  return (JSON.parse(text) as Record<string, T>)[part] as T;
}

type Named = Readonly<Record<string, Moments>>;

function momentsOf(draws: ArrayLike<number>, p: number, place: number): Moments {
  const all = Array.from({ length: draws.length / p }, (_, i) => draws[i * p + place] ?? 0);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const variance = all.reduce((total, value) => total + (value - mean) ** 2, 0) / all.length;
  return { mean, sd: Math.sqrt(variance) };
}

const short = ({ mean, sd }: Moments): string => `${mean.toFixed(3)}, ${sd.toFixed(3)}`;

/** How far a mean is off, in standard deviations, and by how much a standard deviation is too large. */
const besideOf = (own: Moments, exact: Moments): string =>
  `${((own.mean - exact.mean) / exact.sd).toFixed(2)}, ${((own.sd / exact.sd - 1) * 100).toFixed(0)} %`;

const seconds = (started: number): string =>
  `${((performance.now() - started) / 1000).toFixed(0)} s`;

/** Trials of a set are small, and so are networks of them. */
const network = { hidden: [32], activation: "silu" } as const;
const summary = deepSet({ phi: mlp(network), features: 32, rho: mlp(network), outputs: 16 });

async function likelihood(): Promise<void> {
  const started = performance.now();
  const estimator = await train(
    nle(decisions, { replicates: true, discrete: { choice: [0, 1] } }),
    {
      ...common,
      simulations: Math.round(simulations / 4),
    },
  );
  console.log(`\nlikelihood of a trial, from ${simulations / 4} data sets: ${seconds(started)}`);
  const random = stream("fresh trials");
  const lost: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const own = random.split(i);
    const theta = decisions.prior.sample(own);
    const at = decisions.unpack(theta);
    const { time, choice } = drawDecision(at, own);
    const learned = await estimator.logLikelihood({ time: [time], choice: [choice] }, theta);
    lost.push(decisionLogDensity(time, choice, at) - Number(learned));
  }
  const mean = lost.reduce((a, b) => a + b, 0) / lost.length;
  const error = Math.sqrt(lost.reduce((t, v) => t + (v - mean) ** 2, 0)) / lost.length;
  console.log(`E log p - log q of a fresh trial: ${mean.toFixed(4)} ± ${error.toFixed(4)} nats`);
  console.log(
    "| trials | parameter | learned: mean, sd | exact: mean, sd | off by: exact sds, sd |",
  );
  console.log("|---|---|---|---|---|");
  const truth = { drift: 1.2, separation: 1.4, start: 0.55, nonDecision: 0.3 };
  for (const trials of [10, 60, 240]) {
    const all = Array.from({ length: trials }, (_, i) =>
      drawDecision(truth, stream("trials").split(i)),
    );
    const data = { time: all.map(({ time }) => time), choice: all.map(({ choice }) => choice) };
    const own = await estimator.given(data, { samples: 4000 });
    const exact = await modelPosterior(decisions, data, { method: "mcmc", samples: 4000 });
    for (const [k, name] of decisions.parameterNames.entries()) {
      const [a, b] = [momentsOf(own.draws, 4, k), momentsOf(exact.draws, 4, k)];
      console.log(`| ${trials} | ${name} | ${short(a)} | ${short(b)} | ${besideOf(a, b)} |`);
    }
  }
  await estimator.release();
}

/** Chains of ours beside those of another program. */
async function exactly(): Promise<void> {
  const p = lexical.parameterSize;
  const subjects = await golden<Readonly<Record<string, Named>>>("alone");
  console.log(
    "| subject | parameter | NUTS: mean, sd | modelPosterior: mean, sd | off by: sds, sd |",
  );
  console.log("|---|---|---|---|---|");
  for (const [subject, known] of Object.entries(subjects)) {
    const data = { ...wordDecisions[Number(subject) - 1] };
    const started = process.cpuUsage();
    const { draws } = await modelPosterior(lexical, data, { method: "mcmc", samples: 4000 });
    const { user } = process.cpuUsage(started);
    for (const [k, name] of lexical.parameterNames.entries()) {
      const exact = known[name] ?? { mean: Number.NaN, sd: Number.NaN };
      const own = momentsOf(draws, p, k);
      console.log(
        `| ${subject} | ${name} | ${short(exact)} | ${short(own)} | ${besideOf(own, exact)} |`,
      );
    }
    console.log(`4,000 draws: ${(user / 1e6).toFixed(1)} s of the processor`);
  }
}

async function alone(): Promise<void> {
  const methods = {
    npe: { method: npe(lexical, { summary }), simulations },
    nle: {
      method: nle(lexical, { replicates: true, discrete: { choice: [0, 1], x: [-1, 1] } }),
      simulations: Math.round(simulations / 4),
    },
  } as const;
  const subjects = await golden<Readonly<Record<string, Named>>>("alone");
  const p = lexical.parameterSize;
  for (const name of ["npe", "nle"] as const) {
    if (!values.methods.split(",").includes(name)) continue;
    const started = process.cpuUsage();
    const { method, simulations: some } = methods[name];
    const estimator = await train<typeof lexical, "posterior" | "likelihood">(method, {
      ...common,
      simulations: some,
    });
    const { user } = process.cpuUsage(started);
    console.log(`\n${name}, ${some} simulations: ${(user / 1e6).toFixed(0)} s of the processor`);
    console.log(`| subject | parameter | NUTS: mean, sd | ${name}: mean, sd | off by: sds, sd |`);
    console.log("|---|---|---|---|---|");
    for (const [subject, exact] of Object.entries(subjects)) {
      const data = { ...wordDecisions[Number(subject) - 1] };
      const { draws } = await estimator.given(data, { samples: 4000 });
      for (const [k, parameter] of lexical.parameterNames.entries()) {
        const known = exact[parameter] ?? { mean: Number.NaN, sd: Number.NaN };
        const own = momentsOf(draws, p, k);
        console.log(
          `| ${subject} | ${parameter} | ${short(known)} | ${short(own)} | ${besideOf(own, known)} |`,
        );
      }
    }
    if (name === "npe") await coverage(estimator);
    await estimator.release();
  }
}

/** Fresh data sets of which the truth is known: how often central 90 % intervals have it. */
async function coverage(estimator: Pick<PosteriorEstimator, "givenBatch">): Promise<void> {
  const fresh = await simulate(lexical, { simulations: 400, seed: "fresh", workers: 0 });
  const many = await estimator.givenBatch({ ...fresh.data }, { samples: 1000 });
  const p = lexical.parameterSize;
  const inside = lexical.parameterNames.map((name, k) => {
    const hits = Array.from({ length: fresh.size }, (_, i) => {
      const value = fresh.parameters[i * p + k] ?? Number.NaN;
      const { draws } = many.at(i);
      let below = 0;
      for (let j = k; j < draws.length; j += p) if ((draws[j] ?? 0) < value) below++;
      const share = (below * p) / draws.length;
      return share > 0.05 && share < 0.95 ? 1 : 0;
    });
    return `${name} ${((100 * hits.reduce<number>((a, b) => a + b, 0)) / fresh.size).toFixed(1)} %`;
  });
  console.log(`truth within central 90 %, of 400 fresh subjects (± 1.5 %): ${inside.join(", ")}`);
}

async function together(): Promise<void> {
  const started = performance.now();
  const estimator = await train(hierarchical(lexicalSubjects, { summary }), {
    ...common,
    simulations: Number(values.hierarchies),
  });
  console.log(`\nhierarchical, ${values.hierarchies} simulations: ${seconds(started)}`);
  const data = {
    time: wordDecisions.map(({ time }) => time),
    choice: wordDecisions.map(({ choice }) => choice),
    x: wordDecisions.map(({ x }) => x),
  };
  const asked = performance.now();
  const posterior = await estimator.given(data, { samples: 4000 });
  console.log(`answer of 17 subjects: ${(performance.now() - asked).toFixed(0)} ms`);
  const names = posterior.all.parameterNames;
  console.log("| parameter | NUTS: mean, sd | hierarchical: mean, sd | off by: exact sds, sd |");
  console.log("|---|---|---|---|");
  const exact = await golden<Named>("together");
  const off: { readonly name: string; readonly mean: number; readonly ratio: number }[] = [];
  for (const [k, name] of names.entries()) {
    const known = exact[name];
    if (known === undefined)
      throw new Error(`${name} is not among ${Object.keys(exact).join(", ")}`);
    const own = momentsOf(posterior.draws, names.length, k);
    if (!name.includes("["))
      console.log(`| ${name} | ${short(known)} | ${short(own)} | ${besideOf(own, known)} |`);
    else
      off.push({
        name: name.replace(/\[.*/u, ""),
        mean: (own.mean - known.mean) / known.sd,
        ratio: own.sd / known.sd,
      });
  }
  for (const name of new Set(off.map((one) => one.name))) {
    const own = off.filter((one) => one.name === name);
    const root = Math.sqrt(own.reduce((total, { mean }) => total + mean ** 2, 0) / own.length);
    const ratio = own.reduce((total, one) => total + one.ratio, 0) / own.length;
    console.log(
      `${name} of 17 subjects: means off by ${root.toFixed(2)} exact sds (root mean square), sds ${ratio.toFixed(2)} times the exact`,
    );
  }
  await estimator.release();
}

if (parts.includes("exact")) await exactly();
if (parts.includes("likelihood")) await likelihood();
if (parts.includes("alone")) await alone();
if (parts.includes("together")) await together();
