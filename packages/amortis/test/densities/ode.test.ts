import { compile, input, mul, neg } from "@amortis/graph";
import { describe, expect, test } from "vitest";
import { integrate, type Solver } from "../../src/densities/ode.js";
import { runtime } from "./support.js";

/** Error of (x, y)' = t (-y, x) from (1, 0) at t = 1.5, which turns by 1.125. */
async function errorOf(solver: Solver, steps: number): Promise<number> {
  const [x, y] = [input("x", [1]), input("y", [1])];
  const times = Array.from({ length: steps + 1 }, (_, i) => (1.5 * i) / steps);
  const [a = x, b = y] = integrate(
    ([p = x, q = y], t) => [mul(neg(q), t), mul(p, t)],
    [x, y],
    times,
    solver,
  );
  const program = await compile({ inputs: { x, y }, outputs: { a, b } }, runtime);
  const end = await program.run({ x: [1], y: [0] });
  await program.release();
  return Math.hypot(
    Number(end.a.data[0]) - Math.cos(1.125),
    Number(end.b.data[0]) - Math.sin(1.125),
  );
}

describe("solvers in a fixed number of steps", () => {
  test.each([
    ["euler", 1, 64],
    ["heun", 2, 16],
    ["rungeKutta", 4, 3],
  ] as const)("%s is of order %d", async (solver, order, steps) => {
    const [coarse, fine] = [await errorOf(solver, steps), await errorOf(solver, 2 * steps)];
    expect(fine).toBeGreaterThan(1e-6);
    expect(Math.abs(Math.log2(coarse / fine) - order)).toBeLessThan(0.35);
  });
});
