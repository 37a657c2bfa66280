/** Sessions in a thread of their own answer as those of this thread. */
import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { InvalidArgumentError, RuntimeError, ShapeError } from "../../src/errors.js";
import { hostTensor } from "../../src/host-tensor.js";
import { encodeModel } from "../../src/onnx/encode.js";
import { nodeRuntime } from "../../src/runtimes/node.js";
import type { Runtime, RuntimeThread } from "../../src/runtimes/runtime.js";
import { wasmRuntime } from "../../src/runtimes/wasm.js";
import { affineGraph } from "../onnx-graphs.js";

const model = encodeModel(affineGraph());
const x = hostTensor([1, 2, 3], [1, 3]);
const y = hostTensor([1, 0, 0, 1, 1, 1], [3, 2]);

const begun: RuntimeThread[] = [];

function begin(runtime: Runtime): RuntimeThread {
  const thread = runtime.startThread?.();
  if (thread === undefined) throw new Error("a runtime has threads in Node where it is built");
  begun.push(thread);
  return thread;
}

afterAll(async () => {
  await Promise.all(begun.map((thread) => thread.close()));
});

describe.each([nodeRuntime({ threads: 1 }), wasmRuntime()])("$name", (runtime) => {
  test("a thread gives what the runtime gives, also of parts of arrays, of shared memory and of what it keeps", async () => {
    const expected = await (await runtime.createSession(model)).run({ x, y });
    const session = await begin(runtime).createSession(model);
    expect(await session.run({ x, y })).toEqual(expected);
    const whole = Float32Array.of(9, 9, 1, 2, 3, 9);
    const part = { ...x, data: whole.subarray(2, 5) };
    expect(await session.run({ x: part, y })).toEqual(expected);
    const shared = new Float32Array(new SharedArrayBuffer(24));
    shared.set([1, 0, 0, 1, 1, 1]);
    expect(await session.run({ x, y: { ...y, data: shared } })).toEqual(expected);
    const kept = session.keep?.(y);
    if (kept === undefined) throw new Error("a session in a thread keeps tensors");
    expect(await session.run({ x, y: kept })).toEqual(expected);
    await session.release();
    await session.release();
    await expect(session.run({ x, y })).rejects.toThrow(RuntimeError);
  });

  test("errors come back as they were", async () => {
    const thread = begin(runtime);
    await expect(thread.createSession(Uint8Array.of(1, 2, 3))).rejects.toThrow(/model/);
    const session = await thread.createSession(model);
    await expect(session.run({ x })).rejects.toThrow(InvalidArgumentError);
    await expect(session.run({ x: hostTensor([1], [1, 1]), y })).rejects.toThrow(ShapeError);
    expect(() => session.keep?.({ ...y, shape: [4, 2] })).toThrow(ShapeError);
    const other = await thread.createSession(model);
    const kept = other.keep?.(y);
    if (kept === undefined) throw new Error("a session in a thread keeps tensors");
    await expect(session.run({ x, y: kept })).rejects.toThrow(/another session keeps/);
  });

  test("what is asked of a thread that is closed is refused, and what was under way as well", async () => {
    const thread = begin(runtime);
    const session = await thread.createSession(model);
    const under = session.run({ x, y }).catch((error: unknown) => error);
    await thread.close();
    expect(await under).toBeInstanceOf(RuntimeError);
    await expect(session.run({ x, y })).rejects.toThrow(/closed/);
  });
});

test("a process that has only a thread left waits for what it was asked, and for no more", () => {
  const url = new URL("../../dist/runtimes/node.js", import.meta.url).href;
  const script = `
    const { nodeRuntime } = await import(${JSON.stringify(url)});
    const model = Uint8Array.from(${JSON.stringify([...model])});
    const tensor = (shape, data) => ({ dtype: "float32", shape, data: Float32Array.from(data) });
    const runtime = nodeRuntime({ threads: 1 });
    const closed = runtime.startThread();
    await closed.createSession(model);
    await closed.close();
    const session = await runtime.startThread().createSession(model);
    const { z } = await session.run({ x: tensor([1, 3], [1, 2, 3]), y: tensor([3, 2], [1, 0, 0, 1, 1, 1]) });
    console.log([...z.data].join());`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
  expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: "14,25\n" });
});
