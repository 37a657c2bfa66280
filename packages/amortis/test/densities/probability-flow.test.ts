/**
 * Draws and densities of fields that are known in closed form: those of Gaussians N(m, s²), whose mean is the context.
 */
import {
  add,
  constant,
  expandDims,
  expm1,
  matmul,
  mul,
  slice,
  sub,
  div,
  square,
  Scope,
  Variables,
  type Tensor,
} from "@amortis/graph";
import { describe, expect, test } from "vitest";
import type { VectorField } from "../../src/networks/index.js";
import { levelField } from "../../src/densities/noise-levels.js";
import {
  densityEstimate,
  levelGrid,
  probabilityFlow,
} from "../../src/densities/probability-flow.js";
import { randomDirections } from "../../src/densities/trace.js";
import { evaluate, normals } from "./support.js";

/** F of N(m, diag s²): with v = cos² s² + sin², E[u | x] = m + cos s²/v (x - cos m) and E[z | x] = sin/v (x - cos m). */
function gaussianField(s: readonly number[]): VectorField {
  return {
    kind: "gaussianField",
    apply: (_scope, x, times, m) => {
      const sin = mul(expm1(mul(slice(times, -1, 1, 2), Math.log1p(100))), 0.01);
      const cos = sub(sin, sub(mul(slice(times, -1, 0, 1), 2), 1));
      const variance = constant(s.map((value) => value * value));
      const v = add(mul(square(cos), variance), square(sin));
      const away = div(sub(x, mul(cos, m)), v);
      const u = add(m, mul(mul(cos, variance), away));
      return sub(mul(cos, mul(sin, away)), mul(sin, u));
    },
    describe: () => "gaussianField",
  };
}

const scope = (): Scope => Scope.root(new Variables(), "inference");

/** Results of a graph without weights. */
async function outputs<K extends string>(
  feeds: Parameters<typeof evaluate>[1],
  build: (of: (name: string) => Tensor) => Readonly<Record<K, Tensor>>,
): Promise<(name: K) => Float32Array> {
  const none = { variables: new Variables(), weights: new Float32Array(0), scope: scope() };
  return evaluate(none, feeds, (_scope, of) => build(of));
}

const N = 30;

function logNormal(x: number, m: number, s: number): number {
  return -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
}

/** Points of N(m, s²), and m. */
function points(s: readonly number[]) {
  const d = s.length;
  const [z, m] = [normals("z", [N, d]), normals("m", [N, d])];
  const u = Float32Array.from(
    [...z.data].map(Number),
    (v, i) => Number(m.data[i]) + (s[i % d] ?? 1) * v,
  );
  return { z, m, u: { ...z, data: u } };
}

describe("the field of a Gaussian", () => {
  test.each([
    // What so many slopes leave, by a computation in double precision apart: 0.04, 0.003, 0.02, and what single precision takes.
    [[0.5], "heun", 16, 0.06],
    [[0.1], "rungeKutta", 8, 0.01],
    [[0.02, 0.3], "rungeKutta", 12, 0.01],
  ] as const)("s = %j by %s in %d steps: its density", async (s, solver, steps, error) => {
    const density = probabilityFlow("test", gaussianField(s), { steps, solver });
    const { m, u } = points(s);
    const found = await outputs({ u, m }, (of) => ({
      l: density.logDensity(scope(), of("u"), of("m")),
    }));
    const d = s.length;
    for (let i = 0; i < N; i++) {
      const expected = s.reduce(
        (sum, sd, k) => sum + logNormal(u.data[i * d + k] ?? 0, Number(m.data[i * d + k]), sd),
        0,
      );
      expect(Math.abs((found("l")[i] ?? 0) - expected)).toBeLessThan(error);
    }
  });

  test("draws are m + s z, point by point", async () => {
    const s = [0.05, 1];
    const density = probabilityFlow("test", gaussianField(s), { steps: 12, solver: "rungeKutta" });
    const { z, m, u } = points(s);
    const found = await outputs({ z, m }, (of) => ({
      x: density.sample(scope(), { normal: of("z") }, of("m")),
    }));
    for (const [i, value] of found("x").entries())
      expect(Math.abs(value - (u.data[i] ?? 0))).toBeLessThan(1e-3);
  });

  test("estimates of its density are within their standard errors of it", async () => {
    const s = [0.3, 0.5, 1, 2];
    const { m, u } = points(s);
    const turned = turnedField(gaussianField(s));
    const found = await outputs({ u, m }, (of) => {
      const how = { grid: levelGrid(8), solver: "heun" } as const;
      const f = levelField(turned, scope(), expandDims(of("m"), -2));
      const { value, standardError } = densityEstimate(f, of("u"), {
        ...how,
        directions: randomDirections(64, s.length),
      });
      const density = probabilityFlow("test", turned, { steps: 8, solver: "heun" });
      return {
        estimate: value,
        error: standardError,
        exact: density.logDensity(scope(), of("u"), of("m")),
      };
    });
    for (const [i, value] of found("estimate").entries()) {
      // A diagonal Jacobian has no error; of a turned one signs are off by its other elements.
      expect(found("error")[i]).toBeGreaterThan(1e-3);
      expect(Math.abs(value - (found("exact")[i] ?? 0))).toBeLessThan(4 * (found("error")[i] ?? 0));
    }
  });
});

test("levels go from data to noise in steps that grow", () => {
  const grid = levelGrid(16);
  expect(grid[0]).toBe(0);
  expect(grid.at(-1)).toBe(Math.PI / 2);
  const steps = grid.slice(1).map((level, i) => level - (grid[i] ?? 0));
  for (const [i, step] of steps.entries()) expect(step).toBeGreaterThan(steps[i - 1] ?? 0);
});

/** The same in coordinates turned by Hadamard's matrix of four. */
function turnedField(field: VectorField): VectorField {
  const turn = constant([
    [0.5, 0.5, 0.5, 0.5],
    [0.5, -0.5, 0.5, -0.5],
    [0.5, 0.5, -0.5, -0.5],
    [0.5, -0.5, -0.5, 0.5],
  ]);
  return {
    ...field,
    apply: (at, x, times, m) => matmul(field.apply(at, matmul(x, turn), times, m), turn),
  };
}
