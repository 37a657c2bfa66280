import { expect, test } from "vitest";
import { hostTensor, type HostTensor } from "../../src/host-tensor.js";
import { joinedRuntime } from "../../src/runtimes/joined.js";
import type { Runtime } from "../../src/runtimes/runtime.js";
import { wasmRuntime } from "../../src/runtimes/wasm.js";
import { encodeModel } from "../../src/onnx/encode.js";
import { node, value } from "../onnx-graphs.js";

/** y = tanh(x w + b), each row by itself. */
const model = encodeModel({
  name: "layer",
  nodes: [
    node("MatMul", ["x", "w"], ["p"]),
    node("Add", ["p", "b"], ["q"]),
    node("Tanh", ["q"], ["y"]),
  ],
  inputs: [value("x", ["batch", 3])],
  outputs: [value("y", ["batch", 3])],
  initializers: [
    { name: "w", tensor: hostTensor([0.3, -1, 2, 0.7, 0.1, -0.4, 1.1, 0.6, -0.2], [3, 3]) },
    { name: "b", tensor: hostTensor([0.5, -0.5, 0.1], [3]) },
  ],
});

/** A runtime that says how many rows each of its calls had. */
function counted(): { readonly runtime: Runtime; readonly calls: number[] } {
  const inner = wasmRuntime();
  const calls: number[] = [];
  const runtime: Runtime = {
    name: inner.name,
    createSession: async (bytes, options) => {
      const session = await inner.createSession(bytes, options);
      return {
        release: () => session.release(),
        run: (feeds) => {
          calls.push(feeds["x"]?.shape[0] ?? 0);
          return session.run(feeds);
        },
      };
    },
  };
  return { runtime, calls };
}

const rows = (n: number, from: number): HostTensor =>
  hostTensor(
    Array.from({ length: 3 * n }, (_, i) => Math.sin(from + i)),
    [n, 3],
  );

test("askers that run together are computed in one call, and get what they would get alone, to the bit", async () => {
  const { runtime, calls } = counted();
  const joined = joinedRuntime(runtime);
  const options = { rows: ["batch"] };
  const session = await joined.createSession(model, options);
  const alone = await wasmRuntime().createSession(model, options);
  const asked = [1, 2, 1, 5].map((n, i) => rows(n, 10 * i));
  const answers = await joined.together(
    asked.map((x) => async () => {
      const { y } = await session.run({ x });
      // What comes of one call may be fed to the next.
      const again = await session.run({ x: hostTensor(y?.data ?? [], x.shape) });
      return again["y"];
    }),
  );
  expect(calls).toEqual([9, 9]);
  for (const [i, x] of asked.entries()) {
    const { y } = await alone.run({ x });
    const twice = await alone.run({ x: hostTensor(y?.data ?? [], x.shape) });
    expect(answers[i]).toEqual({ status: "fulfilled", value: twice["y"] });
  }
});

test("a call has no more rows and numbers than it may, unless one asker has", async () => {
  const { runtime, calls } = counted();
  const joined = joinedRuntime(runtime, { rows: 4, numbers: 100 });
  const session = await joined.createSession(model, { rows: ["batch"] });
  const ask = (n: number) => () => session.run({ x: rows(n, n) });
  await joined.together([ask(2), ask(2), ask(1), ask(7), ask(1)]);
  expect(calls).toEqual([4, 1, 7, 1]);
});

test("what is wrong with one asker is no other's business", async () => {
  const joined = joinedRuntime(wasmRuntime());
  const session = await joined.createSession(model, { rows: ["batch"] });
  const answers = await joined.together([
    () => session.run({ x: rows(1, 0) }),
    () => session.run({ x: hostTensor([1, 2], [1, 2]) }),
    () => Promise.reject(new Error("of its own")),
    async () => session.run({}),
    () => session.run({ x: rows(2, 0) }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
});

test("of a call that fails for one of them, the others are computed by themselves", async () => {
  const inner = wasmRuntime();
  const failing: Runtime = {
    name: "failing",
    createSession: async (bytes, options) => {
      const session = await inner.createSession(bytes, options);
      const run = async (feeds: Parameters<typeof session.run>[0]) => {
        const x = feeds["x"];
        if (x !== undefined && "data" in x && x.data.includes(9 as never)) throw new Error("nine");
        return session.run(feeds);
      };
      return { release: () => session.release(), run };
    },
  };
  const joined = joinedRuntime(failing);
  const session = await joined.createSession(model, { rows: ["batch"] });
  const nine = hostTensor([9, 9, 9], [1, 3]);
  const answers = await joined.together([
    () => session.run({ x: rows(1, 0) }),
    () => session.run({ x: nine }),
    () => session.run({ x: rows(1, 1) }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("outside of them a call is made at once, and programs without such rows are left alone", async () => {
  const { runtime, calls } = counted();
  const joined = joinedRuntime(runtime);
  const session = await joined.createSession(model, { rows: ["batch"] });
  await session.run({ x: rows(2, 0) });
  const plain = await joined.createSession(model);
  await joined.together([() => plain.run({ x: rows(1, 0) }), () => plain.run({ x: rows(1, 0) })]);
  expect(calls).toEqual([2, 1, 1]);
});
