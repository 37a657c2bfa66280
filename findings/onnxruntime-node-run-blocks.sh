#!/usr/bin/env bash
# onnxruntime-node's session.run gives a promise and blocks: no timer fires until it is done, and two sessions never run at once.
#
# One would write from memory that a promise of native code means work on another thread: `await session.run(feeds)` leaves the event loop free, and
# `Promise.all([a.run(x), b.run(y)])` of two sessions of one thread each takes as long as one of them on two processors, as with Python's ONNX Runtime in threads, which lets go of the
# interpreter's lock. In onnxruntime-node 1.30.0 the promise is settled from a setImmediate callback in which the native call runs to its end. A server's other requests, a progress line
# and Ctrl-C wait for it; and two sessions with one thread each take twice the time. In two worker threads, each with a session of its own, they do overlap.
#
# A product should run long calls in workers with a session each (which also lets go of the event loop), or cut them into short ones with a turn of the event loop in between; not count on
# promises to run side by side.
#
# Exits 0 while a 1 ms timer never fires during a run and two runs take at least 1.7 times as long as one, and 1 once that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnx==1.22.0 numpy==2.2.6
"$folder/venv/bin/python" - "$folder/model.onnx" <<'END'
import sys
from onnx import TensorProto, helper

size, products = 512, 40
x = helper.make_tensor_value_info("x0", TensorProto.FLOAT, [size, size])
y = helper.make_tensor_value_info(f"x{products}", TensorProto.FLOAT, [size, size])
nodes = [helper.make_node("MatMul", [f"x{i}", "x0"], [f"x{i + 1}"]) for i in range(products)]
graph = helper.make_graph(nodes, "powers", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
with open(sys.argv[1], "wb") as file:
    file.write(model.SerializeToString())
END
cd "$folder"
echo '{"type": "module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0
cat > blocks.js <<'END'
import { createRequire } from "node:module";
import { InferenceSession, Tensor } from "onnxruntime-node";

const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
console.log("onnxruntime-node", version, "node", process.version);
const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
const [a, b] = await Promise.all([1, 2].map(() => InferenceSession.create("model.onnx", options)));
const x0 = new Tensor("float32", new Float32Array(512 * 512), [512, 512]);
const timed = async (work) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};
const least = async (work) => {
  const times = [];
  for (let i = 0; i < 7; i++) times.push(await timed(work));
  return Math.min(...times);
};
await a.run({ x0 });
await b.run({ x0 });
const one = await least(() => a.run({ x0 }));
const two = await least(() => Promise.all([a.run({ x0 }), b.run({ x0 })]));
let ticks = 0;
let most = 0;
for (let i = 0; i < 7; i++) {
  ticks = 0;
  // The run itself begins in a later turn, so that what fires before it is counted apart.
  const running = a.run({ x0 });
  const begun = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - begun > 2) ticks++;
  }, 1);
  await running;
  clearInterval(timer);
  most = Math.max(most, ticks);
}
console.log(`one run ${one.toFixed(1)} ms, two sessions at once ${two.toFixed(1)} ms, ticks of a 1 ms timer while one runs: ${most}`);
process.exit(most === 0 && two > 1.7 * one ? 0 : 1);
END
node blocks.js
