/**
 * Training steps of the benchmark's programs by jax-js (its WebAssembly, in Node on one thread): loss, gradient and Adam in one jitted function, a minibatch
 * picked by row numbers.
 *
 *     node experiments/peers/js/jax.mjs mlp|affine|cnn32
 */
import { defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { numbers, report, weights } from "./timing.mjs";

const ROWS = 4096;

const array = (data, shape) => np.array(data).reshape(shape);

function dense(x, layer) {
  return np.matmul(x, layer.weight).add(layer.bias);
}

const layer = (from, to, seed) => ({
  weight: array(weights([from, to], seed), [from, to]),
  bias: np.zeros([to]),
});

const stack = (widths) => widths.slice(1).map((width, i) => layer(widths[i], width, i + 2));

const PROGRAMS = {
  mlp: {
    batch: 256,
    data: () => [array(numbers(ROWS * 256), [ROWS, 256]), array(numbers(ROWS * 2, 3), [ROWS, 2])],
    params: () => stack([256, 128, 128, 128, 2]),
    loss(layers, x, y) {
      let hidden = x;
      for (const [i, each] of layers.entries()) {
        hidden = dense(hidden, each);
        if (i + 1 < layers.length) hidden = nn.relu(hidden);
      }
      return np.mean(np.square(hidden.sub(y)));
    },
  },
  affine: {
    batch: 256,
    data: () => [array(numbers(ROWS * 4), [ROWS, 4]), array(numbers(ROWS * 10, 3), [ROWS, 10])],
    params: () => Array.from({ length: 6 }, () => stack([12, 128, 128, 4])),
    loss(flow, u, context) {
      let [left, right] = np.split(u, 2, 1);
      let logDet = np.zeros([256]);
      for (const [i, layers] of flow.entries()) {
        const given = i + 1 < flow.length ? context.ref : context;
        let hidden = np.concatenate([left.ref, given], 1);
        for (const [j, each] of layers.entries()) {
          hidden = dense(hidden, each);
          if (j + 1 < layers.length) hidden = np.tanh(hidden);
        }
        const [scale, shift] = np.split(hidden, 2, 1);
        const bounded = np.tanh(scale).mul(2);
        right = right.mul(np.exp(bounded.ref)).add(shift);
        logDet = logDet.add(np.sum(bounded, 1));
        [left, right] = [right, left];
      }
      const squares = np.square(left).add(np.square(right));
      return np.mean(np.sum(squares, 1).mul(0.5).sub(logDet));
    },
  },
  cnn32: {
    batch: 32,
    data: () => [array(numbers(ROWS * 256), [ROWS, 1, 16, 16]), array(numbers(ROWS, 3), [ROWS, 1])],
    params: () => ({
      kernels: [
        [64, 1],
        [128, 64],
      ].map(([filters, channels], i) => ({
        weight: array(weights([9, channels, filters], i + 2), [filters, channels, 3, 3]),
        bias: np.zeros([1, filters, 1, 1]),
      })),
      layers: stack([2048, 64, 1]),
    }),
    loss({ kernels, layers }, x, y) {
      let map = x;
      for (const { weight, bias } of kernels) {
        map = lax.conv(map, weight, [1, 1], "SAME").add(bias);
        map = nn.relu(lax.reduceWindow(map, np.max, [1, 1, 2, 2], [1, 1, 2, 2]));
      }
      const hidden = nn.leakyRelu(dense(map.reshape([32, 2048]), layers[0]));
      return np.mean(np.square(dense(hidden, layers[1]).sub(y)));
    },
  },
};

const program = PROGRAMS[process.argv[2]];
if (program === undefined) throw new Error(`there are ${Object.keys(PROGRAMS).join(", ")}`);
await init("wasm");
defaultDevice("wasm");

/** Adam, as the engine has it. */
const update = jit((params, mean, square, t, x, y, rows) => {
  const [loss, gradient] = valueAndGrad(program.loss)(
    tree.ref(params),
    np.take(x, rows.ref, 0),
    np.take(y, rows, 0),
  );
  const nextMean = tree.map((m, g) => m.mul(0.9).add(g.mul(0.1)), mean, tree.ref(gradient));
  const nextSquare = tree.map(
    (s, g) => s.mul(0.999).add(np.square(g).mul(0.001)),
    square,
    gradient,
  );
  const first = np.subtract(1, np.power(0.9, t.ref));
  const second = np.subtract(1, np.power(0.999, t));
  const next = tree.map(
    (p, m, s) =>
      p.sub(
        m
          .div(first.ref)
          .div(np.sqrt(s.div(second.ref)).add(1e-8))
          .mul(5e-4),
      ),
    params,
    tree.ref(nextMean),
    tree.ref(nextSquare),
  );
  first.dispose();
  second.dispose();
  return [loss, next, nextMean, nextSquare];
});

const [x, y] = program.data();
let params = program.params();
let mean = tree.map((p) => np.zerosLike(p), tree.ref(params));
let square = tree.map((p) => np.zerosLike(p), tree.ref(params));
let t = 0;
await report(async () => {
  t++;
  const rows = np.array(Int32Array.from(numbers(program.batch, t), (z) => ((z + 1) * ROWS) / 2));
  let loss;
  [loss, params, mean, square] = update(params, mean, square, np.array(t), x.ref, y.ref, rows);
  const [value] = await loss.data();
  if (!Number.isFinite(value)) throw new Error(`the loss is ${value}`);
});
