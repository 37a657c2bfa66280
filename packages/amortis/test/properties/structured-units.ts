/**
 * Units of models with a structure, and of those that are asked themselves: hierarchies, series with states, and `modelPosterior`. As in `units.ts`, answers in other units are put back into the first ones.
 */
import {
  defineModel,
  dependent,
  discreteUniform,
  gaussian,
  hierarchical,
  mlpSummary,
  modelPosterior,
  normal,
  npe,
  nuts,
  simulate,
  sliceSampler,
  smc,
  smoothing,
  stream,
  train,
  type ModelPosteriorOptions,
  type TrainOptions,
} from "../../src/extend.js";
import { modelIn, type Unit, type Units } from "./units.js";

const to = ({ offset, scale }: Unit, value: number): number => offset + scale * value;
const from = ({ offset, scale }: Unit, value: number): number => (value - offset) / scale;
const back = (unit: Unit, means: readonly number[], sds: readonly number[]): readonly number[] => [
  ...means.map((mean) => from(unit, mean)),
  ...sds.map((sd) => sd / Math.abs(unit.scale)),
];

/** Answers of one way, in the first units. */
type Asked = (units: Units, options: TrainOptions) => Promise<readonly number[]>;

const quiet = { onWarning: () => {} } as const;
const SETS = 5;

/** a ~ N(0, 1) of all groups, b_j ~ N(a, .5²) of each, x_ji = b_j + .5 e for i = 1, 2, 3, and w_j = b_j + .5 e beside. */
function groupsIn(units: Units) {
  const { a, b } = units;
  return defineModel({
    name: "groups",
    parameters: { a: normal(a.offset, Math.abs(a.scale)) },
    groups: {
      one: {
        count: discreteUniform(2, 4),
        parameters: {
          b: dependent(["a"], normal(0, 1), (of) => ({
            shift: of.a
              .minus(a.offset)
              .times(b.scale / a.scale)
              .plus(b.offset),
            scale: 0.5 * Math.abs(b.scale),
          })),
        },
      },
    },
    data: { x: [3], w: [] },
    simulate: (theta, random) => {
      const own = from(b, theta.b);
      return {
        x: [0, 1, 2].map(() => to(units.x, own + 0.5 * random.normal())),
        w: to(units.w, own + 0.5 * random.normal()),
      };
    },
  });
}

const hierarchies: Asked = async (units, options) => {
  const estimator = await train(
    hierarchical(groupsIn(units), {
      summary: mlpSummary({ hidden: [16], outputs: 6 }),
      density: gaussian(),
      locals: gaussian(),
    }),
    { ...quiet, ...options },
  );
  try {
    const random = stream("asked");
    const groups = Array.from({ length: 3 * SETS }, () => {
      const b = 1.1 * random.normal();
      return {
        x: [0, 1, 2].map(() => to(units.x, b + 0.5 * random.normal())),
        w: to(units.w, b + 0.5 * random.normal()),
      };
    });
    const answers = await estimator.givenEach(
      { x: groups.map(({ x }) => x), w: groups.map(({ w }) => w) },
      { hierarchies: Array.from({ length: SETS }, () => 3), samples: 1000 },
    );
    return answers.flatMap((answer) => {
      const [mean, sd] = [answer.mean(), answer.sd()];
      return [
        ...back(units.a, [mean.a], [sd.a]),
        ...back(units.b, [...mean.groups.one.b], [...sd.groups.one.b]),
      ];
    });
  } finally {
    await estimator.release();
  }
};

/** a ~ N(0, 1) that stays; b_t = .7 b_{t-1} + .5 e; x_t = a + b_t + .5 e. */
function seriesIn(units: Units) {
  const { a, b } = units;
  return defineModel({
    name: "units-series",
    parameters: { a: normal(a.offset, Math.abs(a.scale)) },
    sizes: { times: discreteUniform(3, 6) },
    states: { b: ["times"] },
    data: { x: ["times"] },
    simulate: (theta, random, { times }) => {
      const states = [0.7 * random.normal()];
      for (let t = 1; t < times; t++)
        states.push(0.7 * (states[t - 1] ?? 0) + 0.5 * random.normal());
      return {
        b: states.map((state) => to(b, state)),
        x: states.map((state) => to(units.x, from(a, theta.a) + state + 0.5 * random.normal())),
      };
    },
  });
}

const states: Asked = async (units, options) => {
  const estimator = await train(
    smoothing(seriesIn(units), { units: 16, density: gaussian(), states: gaussian() }),
    { ...quiet, ...options },
  );
  try {
    const random = stream("asked");
    const answers: number[] = [];
    for (let i = 0; i < SETS; i++) {
      const x = Array.from({ length: 4 }, () => to(units.x, random.normal()));
      const { all } = await estimator.given({ x }, { samples: 1000 });
      const [mean, sd] = [all.mean(), all.sd()];
      answers.push(...back(units.a, [Number(mean.a)], [Number(sd.a)]));
      answers.push(...back(units.b, listOf(mean.b), listOf(sd.b)));
    }
    return answers;
  } finally {
    await estimator.release();
  }
};

/** A discrete k beside a ~ N(0, 1): x = a + k + .5 e and y = a - k + .5 e. */
function mixedIn({ a, x, y }: Units) {
  return defineModel({
    name: "units-mixed",
    parameters: { k: discreteUniform(0, 2), a: normal(a.offset, Math.abs(a.scale)) },
    data: { x: [], y: [] },
    simulate: (theta, random) => ({
      x: to(x, from(a, theta.a) + theta.k + 0.5 * random.normal()),
      y: to(y, from(a, theta.a) - theta.k + 0.5 * random.normal()),
    }),
  });
}

const mixed: Asked = async (units, options) => {
  const model = mixedIn(units);
  const { data } = await simulate(model, { simulations: SETS, seed: "asked", workers: 0 });
  const estimator = await train(npe(model), { ...quiet, ...options });
  try {
    const answered = await estimator.givenBatch(data, { samples: 1000 });
    const [mean, sd] = [answered.mean(), answered.sd()];
    return [...back(units.a, [...mean.a], [...sd.a]), ...mean.k, ...sd.k];
  } finally {
    await estimator.release();
  }
};

function listOf(values: unknown): readonly number[] {
  if (values instanceof Float64Array || Array.isArray(values)) return Array.from(values, Number);
  throw new TypeError("states are an array");
}

/** A model's own posterior; the seed is that of its draws, since there is nothing to train. */
function asked(how: ModelPosteriorOptions): Asked {
  return async (units, { seed }) => {
    const model = modelIn(units);
    const { data } = await simulate(model, { simulations: SETS, seed: "asked", workers: 0 });
    const answered = await modelPosterior(model, data, {
      ...how,
      samples: 400,
      ...(typeof seed === "number" && { seed }),
    });
    const [mean, sd] = [answered.mean(), answered.sd()];
    return (["a", "b"] as const).flatMap((name) =>
      back(units[name], [...mean[name]], [...sd[name]]),
    );
  };
}

/** All of them. */
export const STRUCTURED: Readonly<Record<string, Asked>> = {
  hierarchical: hierarchies,
  smoothing: states,
  "npe, a discrete parameter beside": mixed,
  "modelPosterior, a grid": asked({ method: "grid" }),
  "modelPosterior, importance sampling": asked({ method: "importance" }),
  "modelPosterior, rejection": asked({ method: "rejection" }),
  "modelPosterior, chains of random walks": asked({ method: "mcmc" }),
  "modelPosterior, chains of nuts": asked({ sampler: nuts() }),
  "modelPosterior, chains of slices": asked({ sampler: sliceSampler() }),
  "modelPosterior, populations": asked({ sampler: smc() }),
};
