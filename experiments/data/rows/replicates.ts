/**
 * Replicates: θ ~ N(0, 1), y_i ~ N(θ, 1), m of them, for m inside and outside of what was trained.
 */
import {
  deepSet,
  defineModel,
  discreteLogUniform,
  gaussian,
  mlp,
  normal,
  npe,
  nre,
  syntheticLikelihood,
  train,
} from "amortis";
import {
  column,
  compare,
  exactly,
  learned,
  testStream,
  trainingOf,
  truths,
  type Answering,
  type Row,
} from "../row.js";

const COUNTS = [1, 3, 10, 30, 100, 1000];

function replicates(most: number) {
  return defineModel({
    name: "replicates",
    parameters: { theta: normal(0, 1) },
    sizes: { m: discreteLogUniform(1, most) },
    data: { y: ["m"] },
    simulate: ({ theta }, random, { m }) => ({
      y: Array.from({ length: m }, () => theta + random.normal()),
    }),
    logLikelihood: ({ theta }, { y }) =>
      Array.from(y).reduce((total, value) => total - 0.5 * (value - theta) ** 2, 0),
  });
}

const one = defineModel({
  name: "one",
  parameters: { theta: normal(0, 1) },
  data: { y: [] },
  simulate: ({ theta }, random) => ({ y: theta + random.normal() }),
});

const small = mlp({ hidden: [32], activation: "silu" });
const set = deepSet({
  phi: small,
  features: 32,
  pooling: ["mean"],
  join: true,
  rho: mlp({ hidden: [64], activation: "silu" }),
  outputs: 16,
});

function trainedUpTo(most: number): Row["measure"] {
  return async (budget) => {
    const model = replicates(most);
    const answer = await learned(npe(model, { summary: set }), budget);
    return atEach(answer, budget);
  };
}

async function atEach(answer: Answering, { sets, seed }: { sets: number; seed: number }) {
  const model = replicates(Math.max(...COUNTS));
  const scores = [];
  for (const m of COUNTS) {
    const cases = truths(model, sets, testStream(seed, `replicates ${m}`), { m });
    scores.push(await compare(`m = ${m}`, cases, answer, exactly(model)));
  }
  return scores;
}

/** Answers of what was learned of one replicate. */
function added(method: "likelihood" | "ratio" | "posterior"): Row["measure"] {
  return async (budget) => {
    const methods = {
      likelihood: () => syntheticLikelihood(one),
      ratio: () => nre(one),
      posterior: () => npe(one, { density: gaussian(), members: 1 }),
    };
    const estimator = await train(methods[method](), trainingOf(budget));
    return atEach(async (data) => {
      const draws: Float64Array[] = [];
      for (const [i, each] of data.entries()) {
        const posterior = await estimator.given(each, {
          replicates: "all",
          samples: 1000,
          seed: i,
        });
        draws.push(column(posterior.draws, 1, 0));
      }
      return draws;
    }, budget);
  };
}

export const rows: readonly Row[] = [
  {
    name: "replicates",
    about: "npe, deepSet, m from 1 to 100 in training",
    measure: trainedUpTo(100),
  },
  {
    name: "replicates-1000",
    about: "npe, deepSet, m from 1 to 1,000 in training",
    measure: trainedUpTo(1000),
  },
  {
    name: "added-likelihood",
    about: "synthetic likelihood of one replicate, added up",
    measure: added("likelihood"),
  },
  { name: "added-ratio", about: "nre of one replicate, added up", measure: added("ratio") },
  { name: "added-posterior", about: "npe of one replicate, composed", measure: added("posterior") },
];
