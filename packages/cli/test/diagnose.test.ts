/**
 * `amortis diagnose` of an estimator, and of draws from a file.
 */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { call, output, run } from "./command.js";
import { BUMP, createWorkspace, type Workspace } from "./workspace.js";

const scaleIn = z.object({
  parameters: z.array(z.object({ ranks: z.object({ spread: z.object({ scale: z.number() }) }) })),
});

const answersIn = z.object({
  parameters: z.array(z.string()),
  datasets: z.array(
    z.object({ mean: z.record(z.string(), z.number()), sd: z.record(z.string(), z.number()) }),
  ),
});

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
});

afterAll(() => workspace.remove());

test("writes a report that stands alone, JSON and a picture, and prints the verdict", async () => {
  const out = workspace.path("report");
  const said = output(
    await run(
      "diagnose",
      workspace.path("bump.amortis"),
      "--model",
      BUMP,
      "--n",
      "200",
      "--out",
      out,
    ),
  );
  // Two epochs on 600 simulations: whatever it is, it is said.
  expect(said).toMatch(/^(not )?calibrated: /);
  expect(said).toMatch(/report\.html, diagnosis\.svg, diagnosis\.json/);
  const html = await readFile(workspace.path("report", "report.html"), "utf8");
  expect(html).toContain("the posterior of one data set");
  expect(html).toContain("data that this posterior makes");
  expect(html).toMatch(
    /^<!doctype html>[\s\S]*<svg[\s\S]*rank histogram[\s\S]*Losses of each epoch/,
  );
  expect(html).not.toMatch(/<(script|link|img)\b|https?:\/\/(?!www\.w3\.org)/);
  expect((await stat(workspace.path("report", "report.html"))).size).toBeLessThan(2e6);
  const document: unknown = JSON.parse(
    await readFile(workspace.path("report", "diagnosis.json"), "utf8"),
  );
  expect(document).toMatchObject({ simulations: 200, samples: 255, refused: 0 });
});

test("tells of derived quantities, by the function that a module exports", async () => {
  const file = workspace.path("bump.amortis");
  const about = ["--model", BUMP, "--n", "200", "--derived", `${BUMP}#derived`];
  const out = workspace.path("derived");
  const said = output(await call("diagnose", file, ...about, "--out", out));
  for (const name of ["square", "ends[0]", "ends[1]"]) expect(said).toContain(`\n${name} `);
  const document: unknown = JSON.parse(await readFile(join(out, "diagnosis.json"), "utf8"));
  expect(document).toMatchObject({
    parameters: [{ name: "mean" }],
    derived: [{ name: "square" }, { name: "ends[0]" }, { name: "ends[1]" }],
  });
  expect(await readFile(join(out, "diagnosis.svg"), "utf8")).toContain("ends[1]: recovery");
  expect(await readFile(join(out, "report.html"), "utf8")).toContain("square: rank histogram");
  const data = workspace.path("x.npy");
  const answers: unknown = JSON.parse(
    output(await call("infer", file, data, "--derived", `${BUMP}#derived`, "--json")),
  );
  const { parameters, datasets } = answersIn.parse(answers);
  expect(parameters).toEqual(["mean", "square", "ends[0]", "ends[1]"]);
  for (const { mean, sd } of datasets) {
    // E θ² = (E θ)² + Var θ, of the draws themselves: their variance is over n - 1, of 1,000.
    const square = (mean["mean"] ?? NaN) ** 2 + 0.999 * (sd["mean"] ?? NaN) ** 2;
    expect(mean["square"]).toBeCloseTo(square, 4);
    expect(mean["ends[1]"]).toBeCloseTo((mean["mean"] ?? NaN) + 1, 4);
  }
  const points = workspace.path("points.amortis");
  const refused = await run("infer", points, data, "--derived", `${BUMP}#derived`);
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toMatch(/so it has no draws: leave out --derived/);
  const missing = await run("diagnose", file, "--model", BUMP, "--derived", `${BUMP}#other`);
  expect(missing.stderr).toMatch(
    /cannot take a derived quantity from .*, which exports no "other"; it exports average, bump, derived/,
  );
});

test("recalibrates by other simulations", async () => {
  const [file, model] = [workspace.path("bump.amortis"), ["--model", BUMP, "--n", "200"]];
  const better = workspace.path("better.amortis");
  const made = await call("diagnose", file, ...model, "--recalibrate", better);
  expect(made.stderr).toMatch(/better\.amortis: recalibrated by 200 simulations/);
  const spread = async (path: string): Promise<number> => {
    const document: unknown = JSON.parse(output(await call("diagnose", path, ...model, "--json")));
    const found = scaleIn.parse(document);
    return found.parameters[0]?.ranks.spread.scale ?? Number.NaN;
  };
  // Of two epochs posteriors are too wide or too narrow; two numbers put most of it right: one, ± 4 standard errors.
  expect(Math.abs((await spread(better)) - 1)).toBeLessThan(0.2);
  const points = await run(
    "diagnose",
    workspace.path("points.amortis"),
    ...model,
    "--recalibrate",
    better,
  );
  expect(points).toMatchObject({ code: 2 });
  expect(points.stderr).toMatch(/--recalibrate is of estimators that learn posteriors/);
});

test("judges points and quantiles by their errors", async () => {
  const points = ["diagnose", workspace.path("points.amortis"), "--model", BUMP, "--n", "200"];
  const out = workspace.path("points");
  const said = output(await call(...points, "--out", out));
  expect(said).toMatch(/^(not )?calibrated: [^]*below 0\.05 +below 0\.95/);
  expect(await readFile(workspace.path("points", "report.html"), "utf8")).toMatch(
    /mean: errors[^]*mean: shares below[^]*truths below quantile 0\.05/,
  );
  const document: unknown = JSON.parse(output(await call(...points, "--json")));
  expect(document).toMatchObject({ simulations: 200, estimate: "mean", levels: [0.05, 0.95] });
  const drawn = await call(...points, "--samples", "30");
  expect(drawn).toMatchObject({ code: 2 });
  expect(drawn.stderr).toMatch(/samples would be read by nothing beside an estimator of points/);
});

test("judges draws that other programs made", async () => {
  // Truths 0.5, 1.5, ... among draws 0, 1, ..., 39, each rank as often: right; and all of them above all draws: wrong.
  const path = workspace.path("draws.json");
  const draws = Array.from({ length: 80 }, (_, i) =>
    Array.from({ length: 40 }, (__, j) => [100 * (i % 7) + j]),
  );
  const truth = (rank: (i: number) => number) =>
    Array.from({ length: 80 }, (_, i) => [100 * (i % 7) + rank(i) - 0.5]);
  await writeFile(path, JSON.stringify({ draws, truth: truth((i) => i % 41) }));
  const right: unknown = JSON.parse(
    output(await call("diagnose", path, "--names", "level", "--json")),
  );
  expect(right).toMatchObject({ simulations: 80, samples: 40, parameters: [{ name: "level" }] });
  await writeFile(path, JSON.stringify({ draws, truth: truth(() => 45) }));
  expect(output(await call("diagnose", path))).toMatch(/^not calibrated: theta is .*biased/);
});

test("takes Markov chains as a fourth axis", async () => {
  const path = workspace.path("chains.json");
  // Of 50 data sets two chains that go to and fro about zero, of one they do not agree.
  const wave = (chain: number, apart: number) =>
    Array.from({ length: 60 }, (_, j) => [Math.sin(2.4 * j + chain) + chain * apart]);
  const draws = Array.from({ length: 50 }, (_, i) =>
    [0, 1].map((chain) => wave(chain, i === 0 ? 5 : 0)),
  );
  const truth = Array.from({ length: 50 }, (_, i) => [2 * ((i + 0.5) / 50) - 1]);
  await writeFile(path, JSON.stringify({ draws, truth }));
  const document: unknown = JSON.parse(output(await call("diagnose", path, "--json")));
  expect(document).toMatchObject({ simulations: 49, refused: 1 });
});

test("says what is missing, and what does not belong together", async () => {
  const path = workspace.path("nothing.json");
  await writeFile(path, JSON.stringify({ draws: [[[1]]] }));
  const missing = await call("diagnose", path);
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.stderr).toMatch(/needs the arrays "draws" and "truth", but the file has draws/);
  const named = await call("diagnose", workspace.path("bump.amortis"), "--names", "mu");
  expect(named).toMatchObject({ code: 2 });
  expect(named.stderr).toMatch(/an estimator knows its parameters/);
  const counted = await call("diagnose", path, "--n", "50");
  expect(counted).toMatchObject({ code: 2 });
  expect(counted.stderr).toMatch(/of draws, all that the file has are judged/);
  const modelled = await call("diagnose", path, "--model", BUMP);
  expect(modelled.stderr).toMatch(/draws are judged by their truths alone/);
});
