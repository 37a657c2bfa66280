import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostTensor, type HostTensor } from "../../src/host-tensor.js";
import { bindInputs, encodeModel } from "../../src/onnx/encode.js";
import { KeptFeeds, Resident } from "../../src/runtimes/resident.js";
import type { Session } from "../../src/runtimes/runtime.js";
import { eachRuntime } from "../harness.js";
import { affineGraph, loopGraph, node, scalar, value } from "../onnx-graphs.js";

eachRuntime((runtime) => {
  describe("an affine map with a dynamic batch", () => {
    const x = hostTensor([1, 2, 3, 4, 5, 6], [2, 3]);
    const y = hostTensor([1, 0, 0, 1, 1, 1], [3, 2]);
    let session: Session;
    beforeAll(async () => {
      session = await runtime.createSession(encodeModel(affineGraph()));
    });
    afterAll(() => session.release());

    test("computes x y + b", async () => {
      const { z } = await session.run({ x, y });
      expect(z).toEqual(hostTensor([14, 25, 20, 31], [2, 2]));
    });

    test("takes other batches, views into larger arrays, and an empty batch", async () => {
      const many = Float32Array.from({ length: 20 }, (_, i) => i);
      const { z } = await session.run({ x: hostTensor(many.subarray(4, 7), [1, 3]), y });
      expect(z).toEqual(hostTensor([20, 31], [1, 2]));
      expect((await session.run({ x: hostTensor([], [0, 3]), y }))["z"]?.shape).toEqual([0, 2]);
    });

    test("leaves its feeds alone and gives results of their own", async () => {
      const first = await session.run({ x, y });
      const second = await session.run({ x: hostTensor([0, 0, 0], [1, 3]), y });
      expect([...(first["z"]?.data ?? [])]).toEqual([14, 25, 20, 31]);
      expect([...(second["z"]?.data ?? [])]).toEqual([10, 20]);
      expect([...x.data]).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test("answers runs that overlap", async () => {
      const runs = [1, 2, 3].map((k) => session.run({ x: hostTensor([k, 0, 0], [1, 3]), y }));
      const results = await Promise.all(runs);
      expect(results.map(({ z }) => [...(z?.data ?? [])])).toEqual([
        [11, 20],
        [12, 20],
        [13, 20],
      ]);
    });

    test("takes what it keeps in the place of a tensor, and refuses what another session keeps", async () => {
      const kept = session.keep?.(y);
      if (kept === undefined) throw new Error("this session keeps nothing");
      for (const batch of [
        [1, 0, 0],
        [0, 1, 0, 0, 0, 1],
      ]) {
        const feed = hostTensor(batch, [batch.length / 3, 3]);
        expect(await session.run({ x: feed, y: kept })).toEqual(await session.run({ x: feed, y }));
      }
      await expect(session.run({ x: kept, y })).rejects.toThrow('"x" has the shape');
      expect(() => session.keep?.({ ...y, shape: [2, 2] })).toThrow("needs 4 elements, but 6");
      const other = await runtime.createSession(encodeModel(affineGraph()));
      await expect(other.run({ x, y: kept })).rejects.toThrow("another session keeps");
      await other.release();
    });

    test("keeps feeds that come again, and those alone", async () => {
      const kept = new KeptFeeds(session);
      const fresh = (): HostTensor => hostTensor([0, 0, 1], [1, 3]);
      const feeds = [1, 2, 3].map(() => kept.of({ x: fresh(), y }));
      expect(feeds.map((each) => each["y"] instanceof Resident)).toEqual([false, true, true]);
      expect(feeds[2]?.["y"]).toBe(feeds[1]?.["y"]);
      expect(feeds.every((each) => !(each["x"] instanceof Resident))).toBe(true);
      const results = await Promise.all(feeds.map((each) => session.run(each)));
      expect(results.map(({ z }) => [...(z?.data ?? [])])).toEqual([
        [11, 21],
        [11, 21],
        [11, 21],
      ]);
    });

    test("says which feed is wrong", async () => {
      await expect(session.run({ x })).rejects.toThrow('needs the input "y", but was given x');
      await expect(session.run({ x, y, w: y })).rejects.toThrow(
        'has no input "w"; its inputs are: x, y',
      );
      await expect(session.run({ x, y: x })).rejects.toThrow('"y" has the shape [3, 2]');
      await expect(
        session.run({ x, y: hostTensor([1, 0, 0, 1, 1, 1], [3, 2], "float64") }),
      ).rejects.toThrow("of type float32, but was given float64");
      await expect(session.run({ x: { ...x, shape: [3, 3] }, y })).rejects.toThrow(
        "needs 9 elements",
      );
    });
  });

  test("computes in float64", async () => {
    const session = await runtime.createSession(encodeModel(affineGraph("float64")));
    const { z } = await session.run({
      x: hostTensor([1 / 3, 0, 0], [1, 3], "float64"),
      y: hostTensor([1, 0, 0, 1, 1, 1], [3, 2], "float64"),
    });
    expect(z).toEqual(hostTensor([1 / 3 + 10, 20], [1, 2], "float64"));
    await session.release();
  });

  test("loops with carried state, outer values and stacked results of every type", async () => {
    const session = await runtime.createSession(encodeModel(loopGraph()));
    const feeds = { s0: hostTensor([0, 8], [2]), g: hostTensor([1, 2, 3, 4, 5, 6], [3, 2]) };
    const { last, states, flags } = await session.run({ ...feeds, n: scalar(3, "int64") });
    expect(last).toEqual(hostTensor([9, 20], [2]));
    expect(states).toEqual(hostTensor([1, 10, 4, 14, 9, 20], [3, 2]));
    expect(flags).toEqual(hostTensor([0, 0, 0, 1, 0, 1], [3, 2], "bool"));
    const none = await session.run({ ...feeds, n: scalar(0, "int64") });
    expect(none["last"]).toEqual(feeds.s0);
    expect(none["states"]?.shape).toEqual([0, 2]);
    await session.release();
  });

  test("runs a model whose weights were bound", async () => {
    const y = hostTensor([1, 0, 0, 1, 1, 1], [3, 2]);
    const session = await runtime.createSession(bindInputs(encodeModel(affineGraph()), { y }));
    const { z } = await session.run({ x: hostTensor([1, 2, 3], [1, 3]) });
    expect(z).toEqual(hostTensor([14, 25], [1, 2]));
    await session.release();
  });

  test("keeps denormal numbers, and leaves JavaScript's own alone", async () => {
    const tiny = 2 ** -140;
    const graph = {
      name: "double",
      nodes: [node("Add", ["x", "x"], ["y"])],
      inputs: [value("x", [4])],
      outputs: [value("y", [4])],
      initializers: [],
    };
    const session = await runtime.createSession(encodeModel(graph));
    const { y } = await session.run({ x: hostTensor([tiny, tiny, tiny, tiny], [4]) });
    expect([...(y?.data ?? [])]).toEqual([2 * tiny, 2 * tiny, 2 * tiny, 2 * tiny]);
    expect(Number.MIN_VALUE).toBeGreaterThan(0);
    await session.release();
  });

  test("gives the same results whatever is optimised", async () => {
    const x = hostTensor(
      Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
      [10, 3],
    );
    const y = hostTensor([0.1, -0.2, 0.3, 0.4, -0.5, 0.6], [3, 2]);
    const results: number[][] = [];
    for (const optimization of ["none", "basic", "all"] as const) {
      const session = await runtime.createSession(encodeModel(affineGraph()), {
        optimization,
        threads: 2,
      });
      const { z } = await session.run({ x, y });
      results.push([...(z?.data ?? [])].map(Number));
      await session.release();
    }
    for (const result of results) {
      result.forEach((v, i) => expect(v).toBeCloseTo(results[0]?.[i] ?? Number.NaN, 5));
    }
  });

  describe("failures", () => {
    test("are errors of the engine", async () => {
      await expect(runtime.createSession(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
        code: "runtime",
      });
      const unknown = { ...affineGraph(), nodes: [node("NoSuchOperator", ["x"], ["z"])] };
      await expect(runtime.createSession(encodeModel(unknown))).rejects.toThrow("NoSuchOperator");
    });

    test("inside a run leave the session usable", async () => {
      const graph = {
        name: "reshape",
        nodes: [node("Reshape", ["x", "shape"], ["y"])],
        inputs: [value("x", ["n"]), value("shape", [1], "int64")],
        outputs: [value("y", ["m"])],
        initializers: [],
      };
      const session = await runtime.createSession(encodeModel(graph));
      const x = hostTensor([1, 2], [2]);
      await expect(session.run({ x, shape: hostTensor([3], [1], "int64") })).rejects.toMatchObject({
        code: "runtime",
      });
      const { y } = await session.run({ x, shape: hostTensor([2], [1], "int64") });
      expect(y).toEqual(x);
      await session.release();
    });

    test("follow a release, which may be repeated", async () => {
      const session = await runtime.createSession(encodeModel(affineGraph()));
      await session.release();
      await session.release();
      await expect(session.run({})).rejects.toThrow("was released");
    });
  });
});
