import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeReport } from "../src/report/index.js";
import type { MethodResult, ReviewResults } from "../src/results.js";

const method = (id: string, label: string): MethodResult => ({
  id,
  label,
  description: "says <b>nothing</b> & all",
  inReview: true,
  scores: { rmse: { value: 0.03, standardError: 0.001 }, crps: { value: 0.015 } },
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
        range: { rmse: { value: 0.1 }, onBounds: 0, estimate: [0.2, 0.4] },
        smoothness: { rmse: { value: 0.5 }, onBounds: 0.5, estimate: [1, 3] },
        cost: {
          simulations: 10,
          trainingSeconds: 1,
          inferenceSecondsPerField: 0.1,
          peakMemoryMiB: 1,
        },
        notes: [],
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
  expect(html.match(/<figure><svg /g)).toHaveLength(8);
  expect(html).not.toMatch(/<(script|link|img)\b/);
  // Addresses are names of XML's spaces only.
  expect(html.replaceAll(/xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:\/\//);
  expect(html).toContain("says &lt;b&gt;nothing&lt;/b&gt; &amp; all");
  const svg = await readFile(join(folder, "figures", "scatter.svg"), "utf8");
  const [, width] = /width="(\d+)"/.exec(svg) ?? [];
  const png = await readFile(join(folder, "figures", "scatter.png"));
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.readUInt32BE(16)).toBe(2 * Number(width));
  expect(svg).toContain("fKL");
  expect(svg).not.toMatch(/="[\d.]+em"/);
  await rm(folder, { recursive: true });
});
