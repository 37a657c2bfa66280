import { expect, it } from "vitest";
import {
  add,
  compile,
  expandDims,
  hostTensor,
  input,
  mul,
  Scope,
  specialize,
  sqrt,
  square,
  sum,
  Variables,
  zerosInit,
} from "../src/index.js";
import { eachRuntime } from "./harness.js";

eachRuntime((runtime) => {
  it("runs by name with a dynamic batch", async () => {
    const x = input("x", ["batch", 2]);
    const program = await compile(
      { inputs: { x }, outputs: { y: sum(square(x), { axes: [1] }) } },
      runtime,
    );
    expect([...(await program.run({ x: [3, 4] })).y.data]).toEqual([25]);
    const three = await program.run({ x: hostTensor([1, 0, 0, 2, 1, 1], [3, 2]) });
    expect(three.y.shape).toEqual([3]);
    expect([...three.y.data]).toEqual([1, 4, 2]);
    await program.release();
  });

  it("holds two dynamic sizes, and broadcasts between them", async () => {
    const a = input("a", ["batch", 2]);
    const b = input("b", ["batch", "draws", 2]);
    const y = sum(mul(expandDims(a, 1), b), { axes: [-1] });
    expect(y.shape).toEqual(["batch", "draws"]);
    const program = await compile({ inputs: { a, b }, outputs: { y } }, runtime);
    const { y: result } = await program.run({
      a: hostTensor([1, 2, 3, 4], [2, 2]),
      b: hostTensor([1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 2, 0], [2, 3, 2]),
    });
    expect([...result.data]).toEqual([3, 2, 1, 7, 4, 6]);
    await program.release();
  });

  it("takes weights as constants or as inputs", async () => {
    const variables = new Variables();
    const weight = Scope.root(variables, "inference").variable("weight", [2], zerosInit);
    const x = input("x", [2]);
    const spec = { inputs: { x }, outputs: { y: add(x, weight) }, variables };
    const bound = await compile({ ...spec, weights: Float32Array.of(10, 20) }, runtime);
    expect([...(await bound.run({ x: [1, 2] })).y.data]).toEqual([11, 22]);
    await bound.release();
  });

  it("says what was fed and what was expected", async () => {
    const x = input("x", ["batch", 2]);
    const z = input("z", ["batch", 3]);
    const program = await compile({ inputs: { x, z }, outputs: { y: x, w: z } }, runtime);
    const good = hostTensor([1, 2], [1, 2]);
    const wide = hostTensor([1, 2, 3, 4, 5, 6], [2, 3]);
    await expect(program.run({ x: good, z: wide })).rejects.toThrow(
      'input "z" has shape [batch, 3], but was fed [2, 3] (batch = 1)',
    );
    await expect(program.run({ x: [1, 2, 3], z: [1, 2, 3] })).rejects.toThrow(
      'input "x" has shape [batch, 2], which 3 values do not fill',
    );
    const doubles = hostTensor([1, 2], [1, 2], "float64");
    await expect(program.run({ x: doubles, z: [1, 2, 3] })).rejects.toThrow(
      'input "x" is float32, but was fed float64',
    );
    await program.release();
  });

  it("names a leaf that is no input", async () => {
    const x = input("x", [2]);
    const other = input("other", [2]);
    await expect(
      compile({ inputs: { x }, outputs: { y: add(x, other) } }, runtime),
    ).rejects.toThrow("the program depends on other: float32[2], which is not among its inputs");
  });

  it("compiles once a combination of shapes", async () => {
    let built = 0;
    const norm = specialize(
      runtime,
      ({ x }) => {
        built++;
        return { y: sqrt(sum(square(x))) };
      },
      ["x"],
      2,
    );
    const call = async (n: number) =>
      (await norm.run({ x: hostTensor(new Float32Array(n).fill(1), [n]) })).y.data[0];
    expect(await call(4)).toBe(2);
    expect(await call(9)).toBe(3);
    expect(await call(4)).toBe(2);
    expect(built).toBe(2);
    expect(await call(16)).toBe(4);
    expect(await call(9)).toBe(3);
    // 9 was the least recently used when 16 came, and had to be compiled again.
    expect(built).toBe(4);
    await norm.release();
  });
});
