import { expect, test } from "vitest";
import {
  add,
  compile,
  constant,
  directionalDerivative,
  InvalidArgumentError,
  input,
  matmul,
  mul,
  sin,
  silu,
} from "../src/index.js";
import { eachRuntime } from "./harness.js";

eachRuntime((runtime) => {
  test("derivatives along a direction are those of a layer, by hand, and can be differentiated along another", async () => {
    const [x, t] = [input("x", [2, 2]), input("t", [2, 1])];
    const w = constant([
      [0.5, -1],
      [2, 0.3],
    ]);
    const y = add(mul(sin(matmul(x, w)), t), t);
    const v = constant([
      [1, 0.2],
      [-0.4, 0.7],
    ]);
    const forward = directionalDerivative(y, [x, t], [v, constant([[2], [-1]])]);
    const twice = directionalDerivative(forward, [t], [constant([[1], [1]])]);
    const program = await compile({ inputs: { x, t }, outputs: { forward, twice } }, runtime);
    const points = [0.3, -0.6, 1.1, 0.4];
    const times = [0.7, -1.2];
    const found = await program.run({ x: points, t: times });
    await program.release();
    const along = [1, 0.2, -0.4, 0.7];
    for (let i = 0; i < 2; i++) {
      for (let k = 0; k < 2; k++) {
        const column =
          [
            [0.5, 2],
            [-1, 0.3],
          ][k] ?? [];
        const dot = (a: readonly number[]) =>
          (a[2 * i] ?? 0) * (column[0] ?? 0) + (a[2 * i + 1] ?? 0) * (column[1] ?? 0);
        const [angle, moved] = [dot(points), dot(along)];
        const dt = [2, -1][i] ?? 0;
        const expected = Math.cos(angle) * moved * (times[i] ?? 0) + (Math.sin(angle) + 1) * dt;
        expect(Number(found.forward.data[2 * i + k])).toBeCloseTo(expected, 5);
        expect(Number(found.twice.data[2 * i + k])).toBeCloseTo(Math.cos(angle) * moved, 5);
      }
    }
  });
});

test("they need a direction for each tensor", () => {
  const x = input("x", [2]);
  expect(() => directionalDerivative(silu(x), [x], [])).toThrow(InvalidArgumentError);
});
