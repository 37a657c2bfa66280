/**
 * Exported programs answer as the estimator does, by ONNX Runtime: in Node, and in Python where it is installed.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeModel, hostTensor, type HostTensor } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { describe, expect, it } from "vitest";
import { exportOnnx } from "../../src/estimators/export-onnx.js";
import { load, loadPoint, loadPosterior } from "../../src/index.js";

const folder = new URL("../golden-files/files-2/", import.meta.url);
const file = (name: string): URL => new URL(`${name}.amortis`, folder);
const y = Float32Array.of(0.2, -0.3, 1.1, 0.4, 1, 2, 3, 4, -1, 0, 0.5, -2);

/** Runs an exported program with native code. */
async function run(
  files: Readonly<Record<string, Uint8Array>>,
  name: string,
  feeds: Readonly<Record<string, HostTensor>>,
) {
  const session = await nodeRuntime().createSession(files[`${name}.onnx`] ?? new Uint8Array());
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Python with onnxruntime, where there is one; AMORTIS_PYTHON names another than the first on the path. */
function findPython(): string | undefined {
  const python = process.env["AMORTIS_PYTHON"] ?? "python3";
  try {
    execFileSync(python, ["-c", "import onnxruntime, numpy"], { stdio: "ignore" });
    return python;
  } catch {
    return undefined;
  }
}

const python = findPython();

const textOf = (bytes: Uint8Array = new Uint8Array()): string => new TextDecoder().decode(bytes);

describe("exported programs", () => {
  it("make of data and parameters the densities of the posteriors", async () => {
    const fitted = await loadPosterior(file("npe"), { onWarning: () => {} });
    const files = exportOnnx(fitted);
    const theta = Float32Array.of(0.1, -0.2, 0.6, 1.3, -1, 0.4);
    const { context } = await run(files, "context", { y: hostTensor(y, [3, 4]) });
    if (context === undefined) throw new Error("it gives the context");
    const { logDensity } = await run(files, "logDensity", {
      context,
      theta: hostTensor(theta, [3, 1, 2]),
    });
    const posteriors = await fitted.givenBatch({ y: { shape: [3, 4], data: y } });
    const expected = await posteriors.logDensity(theta);
    for (const [i, value] of expected.entries()) {
      expect(Number(logDensity?.data[i])).toBeCloseTo(value, 4);
    }
    await fitted.release();
  });

  it("say of an ensemble what share of the draws each network has, and draw so in the examples", async () => {
    const fitted = await loadPosterior(file("npe-members"), { onWarning: () => {} });
    const { answers } = fitted.details;
    if (answers.kind !== "posterior") throw new Error("npe answers with posteriors");
    const weights = (answers.members ?? []).map(({ weight }) => weight);
    expect(weights.length).toBeGreaterThan(1);
    const files = exportOnnx(fitted);
    const readme = textOf(files["README.md"]);
    for (const [k, weight] of weights.entries()) {
      const share = Number((100 * weight).toPrecision(4));
      expect(readme).toContain(
        `| sample${k}.onnx | context and base noise to ${share} % of the draws |`,
      );
    }
    expect(readme).toContain("The posterior is a mixture");
    for (const name of ["example.py", "example.R", "example.mjs"]) {
      const text = textOf(files[name]);
      for (const k of weights.keys()) expect(text).toContain(`sample${k}.onnx`);
      // A hundred draws in all.
      const counts = [...text.matchAll(/2, (\d+), \d+(?=[,\])])/gu)].map(([, count]) =>
        Number(count),
      );
      expect(counts.reduce((a, b) => a + b, 0) % 100).toBe(0);
    }
    await fitted.release();
  });

  it("are refused where posteriors were recalibrated beside them", async () => {
    const fitted = await loadPosterior(file("npe"), { onWarning: () => {} });
    const { details } = fitted.contents;
    const recalibration = { shift: [0, 0], scale: [1, 1], pairs: 10 };
    const answers = { ...details.answers, recalibration };
    const contents = { ...fitted.contents, details: { ...details, answers } };
    const { dataSpecs, parameterNames } = fitted;
    expect(() => exportOnnx({ contents, dataSpecs, parameterNames })).toThrow(/was recalibrated/u);
    await fitted.release();
  });

  it("make points and quantiles of data", async () => {
    const fitted = await loadPoint(file("nbe"), { onWarning: () => {} });
    const results = await run(exportOnnx(fitted), "estimate", { y: hostTensor(y, [3, 4]) });
    const points = await fitted.estimateBatch({ y: { shape: [3, 4], data: y } });
    const [slope, level] = Object.values(points);
    const expected = [0, 1, 2].flatMap((i) => [slope?.[i] ?? NaN, level?.[i] ?? NaN]);
    for (const [i, value] of expected.entries()) {
      expect(Number(results["point"]?.data[i])).toBeCloseTo(value, 4);
    }
    await fitted.release();
  });

  it("are of standard operators, with their weights and a dynamic batch, for every kind of estimator", async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".amortis"));
    for (const name of names) {
      const fitted = await load(new URL(name, folder));
      const files = exportOnnx(fitted);
      for (const [path, bytes] of Object.entries(files)) {
        if (!path.endsWith(".onnx")) continue;
        const { opset, domains, inputs } = describeModel(bytes);
        expect([opset, domains]).toEqual([21, ["ai.onnx"]]);
        const weights = fitted.details.variables.map((variable) => variable.name);
        expect(inputs.filter((input) => weights.includes(input.name))).toEqual([]);
        // The level of noise is one for all of a call.
        const ofCall = inputs.filter(({ name: own }) => own !== "level" && own !== "angle");
        expect(ofCall.filter(({ shape }) => typeof shape[0] !== "string")).toEqual([]);
      }
      expect(new TextDecoder().decode(files["README.md"])).toContain("operator set 21");
      await fitted.release();
    }
  });

  it.skipIf(python === undefined).each(["npe", "nbe", "nre", "nle", "npe-replicates"])(
    "are called by the Python beside them: %s",
    async (name) => {
      const fitted = await load(file(name));
      const out = await mkdtemp(join(tmpdir(), "amortis-onnx-"));
      try {
        for (const [path, bytes] of Object.entries(exportOnnx(fitted))) {
          await writeFile(join(out, path), bytes);
        }
        const said = execFileSync(python ?? "", ["example.py"], { cwd: out, encoding: "utf8" });
        expect(said).toMatch(/^\w+ \(2, .*\) True\n$/);
      } finally {
        await rm(out, { recursive: true });
        await fitted.release();
      }
    },
  );
});
