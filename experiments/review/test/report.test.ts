import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { writeReport } from "../src/report/index.js";
import type { Calibration, MethodResult, ReviewResults } from "../src/results.js";
import { resultTables } from "../src/table.js";

const method = (id: string, label: string): MethodResult => ({
  id,
  label,
  description: "says <b>nothing</b> & all",
  inReview: true,
  scores: {
    rmse: { value: 0.03, standardError: 0.001 },
    crps: { value: 0.015, standardError: 0.0005, published: 0.0181 },
    logScore: {
      value: -2,
      standardError: 0.1,
      difference: { value: 0.01, standardError: 0.002 },
      excluded: 3,
    },
    reviewRmspe: { value: 0.0136, standardError: 0.0005, published: 0.015, againstPublished: -2.8 },
    reviewMis90: { value: 0.1, standardError: 0.004, published: 0.098, againstPublished: 0.5 },
    reviewCov90: { value: 0.8, standardError: 0.01, published: 0.88, againstPublished: 8 },
  },
  cost: {
    simulations: 100,
    trainingSeconds: 2,
    inferenceSecondsPerField: 0.001,
    peakMemoryMiB: 200,
  },
  fields: {
    estimate: [0.1, 0.3],
    lower: [0, 0.2],
    upper: [0.2, 0.4],
    crps: [0.01, 0.02],
    intervalScore: [0.2, 0.2],
  },
  closeDensities: [[1, 2, 1]],
  notes: ["a note"],
});

const calibration: Calibration = {
  coverage: [
    { level: 0.5, value: 0.4, standardError: 0.1 },
    { level: 0.9, value: 0.875, standardError: 0.05 },
  ],
  pit: [0.2, 0.6],
  histogram: [1, 1],
  ecdf: {
    at: [0.25, 0.5, 0.75],
    share: [0.2, 0.5, 0.8],
    lower: [0, 0.2, 0.5],
    upper: [0.5, 0.8, 1],
  },
};

const results: ReviewResults = {
  scale: "test",
  seed: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
  version: "0",
  machine: "a machine",
  seconds: 60,
  settings: [{ name: "fields", published: "many", ours: "few", reason: "a test" }],
  gaussian: {
    truth: [0.12, 0.28],
    methods: [method("exact", "Exact"), method("fkl", "fKL")],
    closeLooks: {
      truth: [0.1],
      fields: [Array.from({ length: 256 }, (_, i) => Math.sin(i))],
      grid: [0.1, 0.2, 0.3],
      exactDensities: [[1, 3, 1]],
    },
    bindings: [
      { label: "S", theta: [0.1], summary: [1], grid: [0, 0.6], mean: [1, 2], sd: [1, 1] },
    ],
  },
  maxStable: {
    truth: { range: [0.1, 0.5], smoothness: [1, 2] },
    methods: [
      {
        id: "fkl",
        label: "fKL",
        range: {
          rmse: { value: 0.1 },
          calibration,
          onBounds: {
            lower: { threshold: 0.01, share: 0 },
            upper: { threshold: 0.59, share: 0.5, published: 0.27 },
          },
          estimate: [0.2, 0.4],
        },
        smoothness: {
          rmse: { value: 0.5 },
          calibration,
          onBounds: {
            lower: { threshold: 0.55, share: 0 },
            upper: { threshold: 2.95, share: 0.5 },
          },
          estimate: [1, 3],
        },
        joint: {
          energyScore: { value: 0.1, standardError: 0.01 },
          logScore: { value: -1.5, standardError: 0.1, excluded: 0 },
        },
        cost: {
          simulations: 10,
          trainingSeconds: 1,
          inferenceSecondsPerField: 0.1,
          peakMemoryMiB: 1,
        },
        notes: ["7 of 9 searches converged"],
      },
    ],
    closeLooks: [
      {
        truth: { range: 0.2, smoothness: 1.5 },
        field: Array.from({ length: 256 }, (_, i) => 1 + Math.cos(i) ** 2),
        rangeGrid: [0.1, 0.2, 0.3],
        smoothnessGrid: [1, 2],
        density: [
          [1, 3, 1],
          [0, 1, 0],
        ],
        compositeLikelihood: { range: 0.3, smoothness: 3 },
      },
    ],
  },
  ratio: {
    thetaGrid: [0.25, 0.75],
    dataGrid: [-1, 1],
    bayes: [
      [0, 1],
      [0.5, 0.2],
    ],
    snapshots: [
      {
        steps: 10,
        classifier: [
          [0.1, 0.9],
          [0.5, 0.3],
        ],
        meanAbsoluteDifference: 0.1,
      },
    ],
  },
  cost: [
    {
      points: 64,
      method: "npe",
      simulationSeconds: 1,
      trainingSeconds: 2,
      inferenceSecondsPerField: 0.001,
      breakEven: 3,
    },
    {
      points: 64,
      method: "mcmc",
      simulationSeconds: 0,
      trainingSeconds: 0,
      inferenceSecondsPerField: 1,
    },
  ],
};

test("the report stands alone, and its figures are drawings and pictures", async () => {
  const folder = await mkdtemp(join(tmpdir(), "amortis-report-"));
  await writeReport(results, folder);
  const html = await readFile(join(folder, "report.html"), "utf8");
  expect(html.match(/<figure><svg /g)).toHaveLength(10);
  expect(html).not.toMatch(/<(script|link|img)\b/);
  // Addresses are names of XML's spaces only.
  expect(html.replaceAll(/xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:\/\//);
  expect(html).toContain("says &lt;b&gt;nothing&lt;/b&gt; &amp; all");
  expect(html).toContain("7 of 9 searches converged");
  const svg = await readFile(join(folder, "figures", "scatter.svg"), "utf8");
  const [, width] = /width="(\d+)"/.exec(svg) ?? [];
  const png = await readFile(join(folder, "figures", "scatter.png"));
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBe(2 * Number(width));
  expect(svg).toContain("fKL");
  expect(svg).not.toMatch(/="[\d.]+em"/);
  await rm(folder, { recursive: true });
});

/** Texts of the elements of a figure. */
async function textsOf(folder: string, name: string): Promise<readonly string[]> {
  const svg = await readFile(join(folder, "figures", `${name}.svg`), "utf8");
  return [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = ""]) => text);
}

test("axes say what they are, and break-even points how many data sets", async () => {
  const folder = await mkdtemp(join(tmpdir(), "amortis-figures-"));
  await writeReport(results, folder);
  expect(await textsOf(folder, "cost")).toEqual(
    expect.arrayContaining(["NPE: 3", "data sets answered", "seconds in all"]),
  );
  expect(await textsOf(folder, "ratio-classifier")).toEqual(
    expect.arrayContaining(["θ", "Z", "probability of the joint model", "Bayes classifier"]),
  );
  for (const name of ["close-looks", "max-stable-close-looks"]) {
    expect(await textsOf(folder, name)).toContain("range, in sides of the grid");
  }
  expect(await textsOf(folder, "max-stable-scatter")).toEqual(
    expect.arrayContaining(["true range, in sides of the grid", "true smoothness, without unit"]),
  );
  await rm(folder, { recursive: true });
});

test("tables have errors, published numbers, and a verdict beside them", () => {
  const cells = resultTables(results).flatMap(({ rows }) => rows.flat());
  expect(cells).toEqual(
    expect.arrayContaining([
      "3.00 ± 0.10",
      "1.500 ± 0.050 (1.81)",
      "1.36 ± 0.05 (1.50: ✓ -2.8)",
      "10.00 ± 0.40 (9.80: ≈ +0.5)",
      "80.0 ± 1.0 (88.0: ✗ +8.0)",
      "0.010 ± 0.002",
      "3",
      "50.0 above 0.59 (27 %)",
      "87.5 ± 5.0",
      "-1.500 ± 0.100",
    ]),
  );
});

test("a report that cannot be drawn as pictures is there all the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "amortis-fontless-"));
  vi.doMock("@napi-rs/canvas", () => ({ GlobalFonts: { families: [] } }));
  await expect(writeReport(results, folder)).rejects.toThrow(/no fonts.*fonts-dejavu/);
  vi.doUnmock("@napi-rs/canvas");
  expect(await readFile(join(folder, "report.html"), "utf8")).toContain("</html>");
  expect((await readdir(join(folder, "figures"))).every((name) => name.endsWith(".svg"))).toBe(
    true,
  );
  await rm(folder, { recursive: true });
});
