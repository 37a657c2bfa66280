/**
 * What golden files are asked, and what they answer: plain data, so that it can be kept.
 */
import { answerSheet, answersWith } from "../../src/answers.js";
import { stream, type AnyModel, type Estimator, type Stream } from "../../src/index.js";

/** Two data sets, and where densities of their parameters are asked. */
export interface Question {
  /** By name, [2, ...shape]. */
  readonly data: Readonly<Record<string, readonly number[]>>;
  /** Flat parameters of each data set, [2, 3, p]. */
  readonly theta: readonly number[];
}

/** Numbers by what they are of. */
export type Answers = Readonly<Record<string, readonly number[]>>;

const DATA_SETS = 2;
const DRAWS = 3;

/** Data sets like those of the model, and parameters like those of its prior. */
export async function questionFor(model: AnyModel): Promise<Question> {
  const random = stream(2024).split("question");
  const simulated = Array.from({ length: DATA_SETS }, async (_, i) => {
    const own = random.split(i);
    return model.packData(await model.simulate(model.unpack(model.samplePrior(own)), own));
  });
  const sets = await Promise.all(simulated);
  const theta = Array.from({ length: DATA_SETS * DRAWS }, () => innerDraw(model, random));
  return {
    data: Object.fromEntries(
      Object.keys(model.data).map((name) => [
        name,
        sets.flatMap((set) => rounded(set[name] ?? [])),
      ]),
    ),
    theta: theta.flatMap((one) => rounded(one)),
  };
}

/** A draw of the prior that is none of the ends of a discrete parameter, where version 1 gave no answer; one of two states is always. */
function innerDraw(model: AnyModel, random: Stream): number[] {
  const bounds = Object.values(model.parameters).map(({ support }) => support);
  const [lower, upper] = [bounds.flatMap((b) => b.lower), bounds.flatMap((b) => b.upper)];
  const isInner = (x: number, i: number): boolean => {
    const [from, to] = [lower[i] ?? NaN, upper[i] ?? NaN];
    return (x > from && x < to) || (from === 0 && to === 1 && (x === 0 || x === 1));
  };
  for (;;) {
    const theta = [...model.samplePrior(random)];
    if (theta.every(isInner)) return theta;
  }
}

/** To the digits that single precision has. */
function rounded(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(8)));
}

/** The data of a question, as an estimator takes them. */
function dataOf({ data }: Question, model: AnyModel) {
  return Object.fromEntries(
    Object.entries(model.dataShapes).map(([name, shape]) => [
      name,
      { shape: [DATA_SETS, ...shape], data: Float32Array.from(data[name] ?? []) },
    ]),
  );
}

/** What answers were called when files of version 1 were written. */
const NAMES: Readonly<Record<string, string>> = { posteriors: "draws", summaries: "summary" };

const flat = (named: object): number[] =>
  Object.values(named).flatMap((values: ArrayLike<number>) => rounded(values));

/** Everything that does not depend on how posteriors are made of likelihoods and ratios. */
export async function answersOf(
  fitted: Estimator,
  model: AnyModel,
  question: Question,
): Promise<Answers> {
  const data = dataOf(question, model);
  switch (fitted.kind) {
    case "posterior": {
      const posteriors = await fitted.givenBatch(data, { samples: DRAWS, seed: 3 });
      const theta = Float32Array.from(question.theta);
      return {
        draws: rounded(posteriors.draws),
        mean: flat(posteriors.mean()),
        // Some densities have draws alone.
        ...(fitted.contents.programs["logDensity"] !== undefined && {
          logDensity: rounded(await posteriors.logDensity(theta)),
        }),
      };
    }
    case "point":
      return {
        estimate: flat(await fitted.estimateBatch(data)),
        ...(fitted.levels.length > 0 && {
          quantiles: (await fitted.quantilesBatch(data)).flatMap(flat),
        }),
      };
    case "ratio":
      return { logRatio: rounded(await fitted.logRatio(data, question.theta)) };
    case "likelihood": {
      const logLikelihood = rounded(await fitted.logLikelihood(data, question.theta));
      // Only Gaussians have them.
      if (fitted.contents.programs["binding"] === undefined) return { logLikelihood };
      const { mean, covariance } = await fitted.bindingFunctions(question.theta);
      return {
        logLikelihood,
        bindingMean: rounded(mean),
        bindingCovariance: rounded(covariance),
      };
    }
    case "hierarchy":
      return { draws: rounded((await fitted.givenBatch(data, { samples: 20 })).draws) };
    default: {
      // Whatever the kind.
      const { gives } = await answersWith(fitted);
      const { array } = await answerSheet(fitted, data, { samples: 20 });
      return { [NAMES[gives] ?? gives]: rounded(array) };
    }
  }
}

/** Means and standard deviations, from Markov chains, of posteriors by a likelihood or a ratio; undefined of other estimators. */
export async function posteriorsOf(
  fitted: Estimator,
  model: AnyModel,
  question: Question,
): Promise<{ readonly mean: readonly number[]; readonly sd: readonly number[] } | undefined> {
  if (fitted.kind !== "ratio" && fitted.kind !== "likelihood") return undefined;
  const posteriors = await fitted.givenBatch(dataOf(question, model), {
    samples: 4000,
    seed: 3,
    method: "mcmc",
  });
  return { mean: flat(posteriors.mean()), sd: flat(posteriors.sd()) };
}
