import { compile, hostConstant, hostTensor } from "@amortis/graph";
import { expect, test } from "vitest";
import { quantile, SCHEDULES } from "../../src/densities/noise-schedules.js";
import { runtime } from "./support.js";

const UNIFORM = [0.01, 0.2, 0.5, 0.8, 0.99];

/** Standard normal quantiles of these, from tables. */
const NORMAL = [-2.32635, -0.84162, 0, 0.84162, 2.32635];

/** α and σ by the papers' formulas. */
const formulas = {
  edm: (_: number, i: number) => [1, Math.exp(-1.2 + 1.2 * (NORMAL[i] ?? 0))],
  vp: (w: number) => {
    const t = 1e-5 + (1 - 1e-5) * w;
    // ∫ β by Simpson's rule, exact for a line.
    const beta = (s: number): number => 0.1 + s * (20 - 0.1);
    const integral = (t / 6) * (beta(0) + 4 * beta(t / 2) + beta(t));
    return [Math.exp(-integral / 2), Math.sqrt(1 - Math.exp(-integral))];
  },
  ve: (w: number) => [1, 0.002 * (80 / 0.002) ** w],
} as const;

test.each(["edm", "vp", "ve"] as const)("%s has the levels of its formula", async (name) => {
  const uniform = hostConstant(hostTensor(UNIFORM, [5]));
  const program = await compile(
    { inputs: {}, outputs: { ...SCHEDULES[name].level(uniform) } },
    runtime,
  );
  const { cos, sin } = await program.run({});
  await program.release();
  for (const [i, w] of UNIFORM.entries()) {
    const [alpha = 0, sigma = 0] = formulas[name](w, i);
    const [c, s] = [Number(cos.data[i]), Number(sin.data[i])];
    expect(c * c + s * s).toBeCloseTo(1, 5);
    // EDM's normal quantiles are approximate.
    expect(Math.abs(Math.log((s * alpha) / (c * sigma)))).toBeLessThan(
      name === "edm" ? 0.02 : 1e-3,
    );
  }
});

test("quantiles are the normal's, to a hundredth", async () => {
  const program = await compile(
    { inputs: {}, outputs: { q: quantile(hostConstant(hostTensor(UNIFORM, [5]))) } },
    runtime,
  );
  const { q } = await program.run({});
  await program.release();
  for (const [i, expected] of NORMAL.entries()) {
    expect(Math.abs(Number(q.data[i]) - expected)).toBeLessThan(0.01);
  }
});
