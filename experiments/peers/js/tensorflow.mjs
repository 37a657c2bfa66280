/**
 * Training steps of the benchmark's programs by TensorFlow.js's WebAssembly back end (SIMD, one thread, in Node): its own Adam, a minibatch picked by row numbers.
 *
 *     node experiments/peers/js/tensorflow.mjs mlp|affine
 */
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { fileURLToPath } from "node:url";
import { numbers, report, weights } from "./timing.mjs";

const ROWS = 4096;

setWasmPaths(
  fileURLToPath(new URL("./", import.meta.resolve("@tensorflow/tfjs-backend-wasm/dist/index.js"))),
);
setThreadsCount(1);
if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js has no wasm back end here");
await tf.ready();

const layer = (from, to, seed) => ({
  weight: tf.variable(tf.tensor(weights([from, to], seed), [from, to])),
  bias: tf.variable(tf.zeros([to])),
});
const stack = (widths) => widths.slice(1).map((width, i) => layer(widths[i], width, i + 2));
const dense = (x, { weight, bias }) => tf.add(tf.matMul(x, weight), bias);

function network(layers, x, activation) {
  return layers.reduce(
    (hidden, each, i) =>
      i + 1 < layers.length ? activation(dense(hidden, each)) : dense(hidden, each),
    x,
  );
}

const PROGRAMS = {
  mlp: () => {
    const layers = stack([256, 128, 128, 128, 2]);
    return {
      batch: 256,
      data: [
        tf.tensor(numbers(ROWS * 256), [ROWS, 256]),
        tf.tensor(numbers(ROWS * 2, 3), [ROWS, 2]),
      ],
      loss: (x, y) => tf.mean(tf.square(tf.sub(network(layers, x, tf.relu), y))),
    };
  },
  affine: () => {
    const flow = Array.from({ length: 6 }, () => stack([12, 128, 128, 4]));
    return {
      batch: 256,
      data: [tf.tensor(numbers(ROWS * 4), [ROWS, 4]), tf.tensor(numbers(ROWS * 10, 3), [ROWS, 10])],
      loss(u, context) {
        let [left, right] = tf.split(u, 2, 1);
        let logDet = tf.zeros([256]);
        for (const layers of flow) {
          const given = tf.concat([left, context], 1);
          const [scale, shift] = tf.split(network(layers, given, tf.tanh), 2, 1);
          const bounded = tf.mul(tf.tanh(scale), 2);
          right = tf.add(tf.mul(right, tf.exp(bounded)), shift);
          logDet = tf.add(logDet, tf.sum(bounded, 1));
          [left, right] = [right, left];
        }
        const squares = tf.sum(tf.add(tf.square(left), tf.square(right)), 1);
        return tf.mean(tf.sub(tf.mul(squares, 0.5), logDet));
      },
    };
  },
};

const make = PROGRAMS[process.argv[2]];
if (make === undefined) throw new Error(`there are ${Object.keys(PROGRAMS).join(", ")}`);
const { batch, data, loss } = make();
const optimizer = tf.train.adam(5e-4);
let t = 0;
await report(async () => {
  t++;
  const value = tf.tidy(() => {
    const rows = tf.tensor1d(
      Int32Array.from(numbers(batch, t), (z) => ((z + 1) * ROWS) / 2),
      "int32",
    );
    const given = data.map((all) => tf.gather(all, rows));
    return optimizer.minimize(() => loss(...given), true);
  });
  const [found] = await value.data();
  value.dispose();
  if (!Number.isFinite(found)) throw new Error(`the loss is ${found}`);
});
