/**
 * The multilayer perceptron of scikit-learn, as the benchmark sbibm trains it to tell two samples apart.
 *
 *   d → 10d → 10d → 1,  ReLU, logistic output;   loss of a minibatch of b rows:  mean cross-entropy + α/(2b) Σ ‖W‖²,  α = 1e-4
 *
 * Weights and biases begin as U(-s, s), s² = 6 / (fan in + fan out). Adam at a constant rate of 0.001, minibatches of 200, rows in a new order each
 * epoch; training ends when the epoch's mean loss has not fallen below the best by 1e-4 for more than ten epochs, and keeps the last weights. All
 * random numbers are those of NumPy's `RandomState(seed)`, in scikit-learn's order, so that the same rows give the same classifier up to rounding:
 * the first epochs agree to many digits, and the rest follows.
 *
 * References: Pedregosa et al. (2011), "Scikit-learn", JMLR 12, `MLPClassifier`; Lueckmann et al. (2021), arXiv 2101.04653, which chose the settings.
 */
import {
  abs,
  add,
  clip,
  constant,
  constantInit,
  div,
  EvaluationLoop,
  hostTensor,
  initialState,
  input,
  linear,
  mul,
  relu,
  reshape,
  Scope,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  TrainingLoop,
  Variables,
  type HostTensor,
  type Optimizer,
  type Runtime,
  type Tensor,
  type TrainingState,
} from "@amortis/graph";
import { RandomState } from "../random/index.js";
import type { StopSignal } from "../stop-signal.js";
import type { Classifier, LabelledRows } from "./classifier.js";

/** Settings of sbibm's classifier. */
const BATCH = 200;
const RATE = 0.001;
const PENALTY = 1e-4;
const TOLERANCE = 1e-4;
const PATIENCE = 10;
const MAX_EPOCHS = 10_000;
/** Probabilities are held this far from zero and one where the loss is told. */
const LARGEST_LOSS = -Math.log(2 ** -23);

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** Rows of the last minibatch of an epoch, and minibatches in all. */
function planEpoch(rows: number): { readonly steps: number; readonly last: number } {
  const steps = Math.ceil(rows / BATCH);
  return { steps, last: rows - (steps - 1) * BATCH };
}

/**
 * Adam as scikit-learn has it: ε is added to √v before its bias is corrected. The penalty's gradient, αW/b, comes in here, where all weights are one
 * vector. A minibatch that is short was padded with rows of no weight, so its gradient is a mean over too many rows, which is made good here.
 *
 * The moments are carried without their factors 1 - β, which are put where they cost no operation.
 */
function scikitAdam({ steps, last }: { readonly steps: number; readonly last: number }): Optimizer {
  const root = Math.sqrt(1 - BETA2);
  return {
    name: "scikit-learn's adam",
    slots: 2,
    scalars: (step, rate) => [
      (rate * Math.sqrt(1 - BETA2 ** step) * (1 - BETA1)) / ((1 - BETA1 ** step) * root),
      ...(last === BATCH ? [] : [step % steps === 0 ? BATCH / last : 1]),
    ],
    update: ({ weights, gradient, slots: [m, v], scalars: [rate, scale], decayMask }) => {
      if (!m || !v || !rate) throw new TypeError("adam has two vectors and a scalar");
      const penalty = constant(decayMask.map((one) => (one * PENALTY) / BATCH));
      const sum = add(gradient, mul(weights, penalty));
      const whole = scale ? mul(sum, scale) : sum;
      const nextM = add(mul(m, BETA1), whole);
      const nextV = add(mul(v, BETA2), square(whole));
      const step = mul(div(nextM, add(sqrt(nextV), EPSILON / root)), rate);
      return { weights: sub(weights, step), slots: [nextM, nextV] };
    },
  };
}

/** Logits of rows [batch, d], to [batch]. */
function network(scope: Scope, x: Tensor, d: number): Tensor {
  const widths = [10 * d, 10 * d, 1];
  const last = widths.reduce((y, width, i) => {
    const layer = scope.child(`layer${i}`);
    const weight = layer.variable("weight", [Number(y.shape.at(-1)), width], constantInit(0));
    const next = linear(y, weight, layer.variable("bias", [width], constantInit(0)));
    return i < widths.length - 1 ? relu(next) : next;
  }, x);
  return reshape(last, [-1]);
}

/** Initial weights in scikit-learn's order: of each layer the matrix, then the bias. */
function drawWeights(d: number, random: RandomState): Float32Array {
  const widths = [d, 10 * d, 10 * d, 1];
  const values = widths.slice(1).flatMap((width, i) => {
    const fanIn = widths[i] ?? 1;
    const bound = Math.sqrt(6 / (fanIn + width));
    return Array.from({ length: (fanIn + 1) * width }, () => bound * (2 * random.uniform() - 1));
  });
  return Float32Array.from(values);
}

/** The compiled loops of one dimension and number of rows. */
class Loops {
  readonly d: number;
  readonly rows: number;
  readonly training: TrainingLoop;
  readonly evaluation: EvaluationLoop;
  readonly #variables: Variables;
  readonly #optimizer: Optimizer;

  private constructor(
    d: number,
    rows: number,
    training: TrainingLoop,
    evaluation: EvaluationLoop,
    variables: Variables,
    optimizer: Optimizer,
  ) {
    this.d = d;
    this.rows = rows;
    this.training = training;
    this.evaluation = evaluation;
    this.#variables = variables;
    this.#optimizer = optimizer;
  }

  static async compile(d: number, rows: number, runtime: Runtime): Promise<Loops> {
    const variables = new Variables();
    const optimizer = scikitAdam(planEpoch(rows));
    const x = input("x", [BATCH, d]);
    // One for class zero, minus one for class one, and zero for rows that only fill up a minibatch.
    const sign = input("sign", [BATCH]);
    const logits = network(Scope.root(variables, "training"), x, d);
    // log(1 + e^(±z)); its value is held below a bound, its gradient is not.
    const entropy = softplus(mul(logits, sign));
    const told = add(entropy, stopGradient(sub(clip(entropy, 0, LARGEST_LOSS), entropy)));
    const isWhole = planEpoch(rows).last === BATCH;
    const training = await TrainingLoop.create(
      {
        variables,
        losses: isWhole ? told : mul(told, abs(sign)),
        examples: { x, sign },
        optimizer,
      },
      runtime,
      { threads: 1 },
    );
    const evaluation = await EvaluationLoop.create(
      {
        variables,
        losses: network(Scope.root(variables, "inference"), x, d),
        examples: { x },
      },
      runtime,
      { threads: 1 },
    );
    return new Loops(d, rows, training, evaluation, variables, optimizer);
  }

  start(weights: Float32Array): TrainingState {
    return initialState(this.#variables, this.#optimizer, weights);
  }

  async release(): Promise<void> {
    await this.training.release();
    await this.evaluation.release();
  }
}

/** Rows for the loop, with one more that short minibatches are filled up with. */
function feedsOf({ x, labels, d }: LabelledRows): Readonly<Record<string, HostTensor>> {
  const rows = labels.length;
  const values = new Float32Array((rows + 1) * d);
  values.set(x);
  const sign = Float32Array.from({ length: rows + 1 }, (_, i) => {
    return i === rows ? 0 : labels[i] ? -1 : 1;
  });
  return { x: hostTensor(values, [rows + 1, d]), sign: hostTensor(sign, [rows + 1]) };
}

/** α/2 Σ ‖W‖² over matrices, which lie in the flat vector before their biases. */
function penaltyOf(weights: Float32Array, d: number): number {
  const widths = [d, 10 * d, 10 * d, 1];
  let [sum, offset] = [0, 0];
  for (let i = 1; i < widths.length; i++) {
    const size = (widths[i - 1] ?? 0) * (widths[i] ?? 0);
    for (let at = offset; at < offset + size; at++) sum += (weights[at] ?? 0) ** 2;
    offset += size + (widths[i] ?? 0);
  }
  return (PENALTY / 2) * sum;
}

/** Trains as scikit-learn does; returns the last weights and the number of epochs. */
async function fit(
  loops: Loops,
  rows: LabelledRows,
  seed: number,
  signal: StopSignal | undefined,
): Promise<{ readonly weights: Float32Array; readonly epochs: number }> {
  const count = rows.labels.length;
  const { steps } = planEpoch(count);
  const random = new RandomState(seed);
  let state = loops.start(drawWeights(rows.d, random));
  const data = feedsOf(rows);
  let order: Uint32Array = Uint32Array.from({ length: count }, (_, i) => i);
  const indices = new Uint32Array(steps * BATCH).fill(count);
  const learningRates = Array.from({ length: steps }, () => RATE);
  let best = Infinity;
  let stale = 0;
  for (let epoch = 1; epoch <= MAX_EPOCHS; epoch++) {
    signal?.throwIfAborted();
    const before = order;
    order = random.permutation(count).map((at) => before[at] ?? 0);
    indices.set(order);
    const penalty = penaltyOf(state.weights, rows.d);
    const progress = await loops.training.run(state, { data, indices, learningRates });
    ({ state } = progress);
    // Each step's loss is a mean over 200 rows, and counts by the rows it was of. The penalty of a step, over its rows, hardly changes in an epoch.
    const entropy = progress.losses.reduce((sum, one) => sum + one * BATCH, 0) / count;
    const loss = entropy + ((penalty + penaltyOf(state.weights, rows.d)) / 2) * (steps / count);
    stale = loss > best - TOLERANCE ? stale + 1 : 0;
    best = Math.min(best, loss);
    if (stale > PATIENCE || epoch === MAX_EPOCHS) return { weights: state.weights, epochs: epoch };
  }
  throw new TypeError("the last epoch returns");
}

/**
 * scikit-learn's multilayer perceptron with the settings of sbibm.
 *
 * @example const score = await c2st(reference, samples, 2, { classifier: mlpClassifier(nodeRuntime()) });
 */
export function mlpClassifier(runtime: Runtime): Classifier {
  let kept: Loops | undefined;
  return {
    name: "mlp",
    async classify(training, test, { seed, signal }) {
      const rows = training.labels.length;
      if (kept?.d !== training.d || kept.rows !== rows) {
        await kept?.release();
        kept = await Loops.compile(training.d, rows, runtime);
      }
      const { weights, epochs } = await fit(kept, training, seed, signal);
      const x = hostTensor(test, [test.length / training.d, training.d]);
      const logits = await kept.evaluation.run(weights, { x });
      return {
        labels: Uint8Array.from(logits, (logit) => (logit > 0 ? 1 : 0)),
        scores: Float64Array.from(logits),
        epochs,
      };
    },
    async release() {
      await kept?.release();
      kept = undefined;
    },
  };
}
