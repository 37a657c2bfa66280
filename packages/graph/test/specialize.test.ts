/** The cache of specialised programs, on a runtime whose compilations and runs end when the test says so. */
import { describe, expect, test } from "vitest";
import { RuntimeError } from "../src/errors.js";
import { hostTensor, type HostTensor } from "../src/host-tensor.js";
import { neg } from "../src/operations/elementwise.js";
import type { Runtime } from "../src/runtimes/runtime.js";
import { specialize } from "../src/specialize.js";

/** A promise that is settled from outside. */
class Gate {
  open: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  readonly passed = new Promise<void>((resolve, reject) => {
    this.open = resolve;
    this.fail = reject;
  });
}

/** Sessions in the order they are created; each run takes one gate, where there is one. */
class FakeRuntime implements Runtime {
  readonly name = "fake";
  readonly events: string[] = [];
  readonly compilations: Gate[] = [];
  readonly runs: Gate[] = [];
  #sessions = 0;

  async createSession() {
    const id = this.#sessions++;
    await this.compilations.shift()?.passed;
    let released = false;
    return {
      run: async ({ x }: Readonly<Record<string, HostTensor>>) => {
        if (released) throw new RuntimeError(`session ${id} was released and cannot run`);
        await this.runs.shift()?.passed;
        this.events.push(`ran ${id}`);
        return { y: x ?? hostTensor([], [0]) };
      },
      release: async () => {
        released = true;
        this.events.push(`released ${id}`);
      },
    };
  }
}

const feed = (n: number) => ({ x: hostTensor(new Float32Array(n), [n]) });
const make = (runtime: Runtime, capacity?: number) =>
  specialize(runtime, ({ x }) => ({ y: neg(x) }), ["x"], capacity);

/** What a run is refused for. */
const outcome = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

/** Long enough for everything to happen that waits for nothing. */
const settled = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));

describe("what could not be compiled", () => {
  test("is told to who asked, and compiled again for who asks next", async () => {
    const runtime = new FakeRuntime();
    const gate = new Gate();
    runtime.compilations.push(gate);
    const f = make(runtime);
    const first = outcome(f.run(feed(2)));
    const same = outcome(f.run(feed(2)));
    gate.fail(new RuntimeError("no memory"));
    expect(await Promise.all([first, same])).toEqual(["no memory", "no memory"]);
    expect((await f.run(feed(2))).y.shape).toEqual([2]);
    await f.release();
    expect(runtime.events).toEqual(["ran 1", "released 1"]);
  });

  test("is nothing to others, whether it is evicted or released", async () => {
    const runtime = new FakeRuntime();
    const [evicted, last] = [new Gate(), new Gate()];
    runtime.compilations.push(evicted);
    const f = make(runtime, 1);
    const failing = outcome(f.run(feed(2)));
    const other = f.run(feed(3));
    await settled();
    evicted.fail(new RuntimeError("no memory"));
    expect(await failing).toBe("no memory");
    expect((await other).y.shape).toEqual([3]);
    runtime.compilations.push(last);
    const lost = outcome(f.run(feed(4)));
    const released = f.release();
    last.fail(new RuntimeError("no memory"));
    expect(await Promise.all([lost, released])).toEqual(["no memory", undefined]);
    expect(runtime.events).toEqual(["ran 1", "released 1"]);
  });
});

describe("a program is released after its runs", () => {
  test("when others take its place", async () => {
    const runtime = new FakeRuntime();
    const [slow, slower] = [new Gate(), new Gate()];
    runtime.runs.push(slow, slower);
    const f = make(runtime, 1);
    const runs = [f.run(feed(2)), f.run(feed(2))];
    await settled();
    const next = f.run(feed(3));
    await settled();
    expect(runtime.events).toEqual(["ran 1"]);
    slow.open();
    await settled();
    expect(runtime.events).toEqual(["ran 1", "ran 0"]);
    slower.open();
    await Promise.all([...runs, next]);
    expect(runtime.events).toEqual(["ran 1", "ran 0", "ran 0", "released 0"]);
  });

  test("before it is compiled, when it is evicted at once", async () => {
    const runtime = new FakeRuntime();
    const f = make(runtime, 0);
    const shapes = await Promise.all([2, 3, 2].map(async (n) => (await f.run(feed(n))).y.shape));
    expect(shapes).toEqual([[2], [3], [2]]);
    expect(runtime.events.filter((event) => event.startsWith("released"))).toHaveLength(3);
  });

  test("when all are released", async () => {
    const runtime = new FakeRuntime();
    const slow = new Gate();
    runtime.runs.push(slow);
    const f = make(runtime);
    const run = f.run(feed(2));
    await settled();
    const released = f.release();
    await settled();
    expect(runtime.events).toEqual([]);
    slow.open();
    await Promise.all([run, released]);
    expect(runtime.events).toEqual(["ran 0", "released 0"]);
  });
});
