// From nothing to the first posterior of one data set, in Node, as a user's program has it: the whole process is timed. Run by runtime.ts.
import { readFileSync } from "node:fs";
import { load } from "amortis/answers";

const [file = "", name = "own"] = process.argv.slice(2);
const options =
  name === "native"
    ? { runtime: (await import("@amortis/graph/node")).nodeRuntime({ threads: 1 }) }
    : {};
const estimator = await load(new Uint8Array(readFileSync(file)), options);
const data = Object.entries(estimator.dataShapes).map(([array, shape]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return [array, new Float32Array(size).fill(0.3)];
});
const posterior = await estimator.given(Object.fromEntries(data), { samples: 1_000, seed: 1 });
posterior.mean();
console.log("{}");
