/**
 * Draws and densities along a path whose field is known: that of a Gaussian.
 *
 * For u ~ N(0, C), x_φ ~ N(0, cos² C + sin² I), F(x) = sin φ cos φ (I - C) (cos² C + sin² I)⁻¹ x, which carries z into C^{1/2} z.
 */
import { hostTensor, type HostTensor } from "@amortis/graph";
import { expect, test } from "vitest";
import { JointFlow } from "../../src/estimators/joint-flow.js";
import { logNormalDensity } from "../../src/math/normal.js";
import { stream } from "../../src/random/index.js";

type Feeds = Readonly<Record<string, HostTensor>>;

/** F of independent variables with such sds,. */
function gaussian(sds: readonly number[]) {
  const m = sds.length;
  const slope = (j: number, angle: number): number => {
    const [c, s, variance] = [Math.cos(angle), Math.sin(angle), (sds[j] ?? 1) ** 2];
    return (s * c * (1 - variance)) / (c * c * variance + s * s);
  };
  return (name: string, feeds: Feeds): Promise<Record<string, HostTensor>> => {
    const of = (key: string): ArrayLike<number> => feeds[key]?.data as Float32Array;
    const [values, known, here] = [of("values"), of("known"), of("here")];
    const angle = of("angle")[0] ?? 0;
    const field = Float32Array.from(values, (x, i) =>
      here[i] === 1 && known[i] === 0 ? x * slope(i % m, angle) : 0,
    );
    const rows = values.length / m;
    const results: Record<string, HostTensor> = { field: hostTensor(field, [rows, m]) };
    if (name === "trace") {
      const directions = of("directions");
      const trace = Float32Array.from({ length: rows }, (_, row) => {
        let total = 0;
        for (let j = 0; j < m; j++) {
          const i = row * m + j;
          const asked = here[i] === 1 && known[i] === 0;
          if (asked) total += (directions[i] ?? 0) ** 2 * slope(j, angle);
        }
        return total;
      });
      results["trace"] = hostTensor(trace, [rows]);
    }
    return Promise.resolve(results);
  };
}

/** Rows of m variables: the first known, the last left out, where there are more than two. */
function rowsOf(values: readonly number[], m: number) {
  const mark = (marked: (j: number) => boolean): Float32Array =>
    Float32Array.from(values, (_, i) => Number(marked(i % m)));
  return {
    values: Float32Array.from(values),
    known: mark((j) => j === 0),
    here: mark((j) => j < m - 1),
  };
}

test("carries noise into draws, leaves what is known, and has the density of its draws", async () => {
  const sds = [1, 0.3, 0.1, 2];
  const flow = new JointFlow(4, gaussian(sds));
  const noise = new Float32Array(8);
  stream(1).fillNormal(noise);
  const drawn = await flow.draw(rowsOf([0.7, 0, 0, 0, -2, 0, 0, 0], 4), noise, { steps: 64 });
  for (const row of [0, 4]) {
    expect(drawn[row]).toBeCloseTo(row === 0 ? 0.7 : -2, 6);
    for (const j of [1, 2]) {
      expect(drawn[row + j]).toBeCloseTo((sds[j] ?? 0) * (noise[row + j] ?? 0), 2);
    }
  }
  const values = [0.7, 0.2, -0.05, 9, -2, -0.5, 0.2, 9];
  const exact = [0, 4].map((row) =>
    [1, 2].reduce((total, j) => {
      const sd = sds[j] ?? 1;
      return total + logNormalDensity((values[row + j] ?? 0) / sd) - Math.log(sd);
    }, 0),
  );
  const fine = await flow.logDensity(rowsOf(values, 4), { steps: 64 });
  const coarse = await flow.logDensity(rowsOf(values, 4), { steps: 16 });
  for (const [i, log] of exact.entries()) {
    expect(fine.value[i]).toBeCloseTo(log, 2);
    // Errors are of the size that is said.
    expect(Math.abs((coarse.value[i] ?? 0) - log)).toBeLessThan(3 * (coarse.error[i] ?? 0) + 1e-4);
    expect(coarse.error[i]).toBeLessThan(0.1);
  }
});

test("random directions have the trace of many variables; where they are independent, to the last bit", async () => {
  const m = 40;
  const sds = Array.from({ length: m }, (_, j) => 0.5 + j / m);
  const flow = new JointFlow(m, gaussian(sds));
  const values = Array.from({ length: m }, (_, j) => (j % 3) - 1);
  const { value, error } = await flow.logDensity(rowsOf(values, m), { steps: 64 });
  let exact = 0;
  for (let j = 1; j < m - 1; j++) {
    const sd = sds[j] ?? 1;
    exact += logNormalDensity((values[j] ?? 0) / sd) - Math.log(sd);
  }
  expect(value[0]).toBeCloseTo(exact, 2);
  expect(error[0]).toBeLessThan(0.01);
});
