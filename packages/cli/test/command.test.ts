import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { load, openDataSet } from "amortis";
import { parseNpy } from "amortis/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, expectRefused, fixture, output, run, start, type Summary } from "./command.js";
import { BUMP, createWorkspace, observations, type Workspace } from "./workspace.js";

let workspace: Workspace;
const path = (...names: readonly string[]): string => workspace.path(...names);

beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

/** Waits for something, a minute at most. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1200 && !condition(); i++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  expect(condition()).toBe(true);
}

interface Trained {
  readonly interrupted: boolean;
  readonly epochs: number;
}

describe("simulate", () => {
  it("writes a data set and says what it is", async () => {
    expect(JSON.parse(output(workspace.simulated))).toMatchObject({
      directory: path("data"),
      model: "bump",
      simulations: 600,
      valid: 600,
      invalid: 0,
      parameters: ["mean"],
      data: { x: [3] },
    });
    const stored = await openDataSet(path("data"));
    expect(stored.info.seed).toEqual({ kind: "number", value: "3" });
    expect((await stored.read()).data["x"]?.length).toBe(1800);
  });

  it("takes ready models by name, and models of a module by theirs", async () => {
    const [ready, named] = await Promise.all([
      run("simulate", "gaussian-field", "--n", "4", "--out", path("field"), "--json"),
      run(
        "simulate",
        `${fixture("several.ts")}#vector`,
        "--n",
        "5",
        "--out",
        path("vector"),
        "--workers",
        "0",
      ),
    ]);
    expect(JSON.parse(output(ready))).toMatchObject({
      model: "gaussian-field",
      data: { z: [16, 16] },
    });
    output(named);
    expect(named.stdout).toMatch(
      /5 simulations of vector.*parameters mean, scale; data x \[4\], y \[\]/,
    );
  });

  it("leaves what can be continued when interrupted", async () => {
    const args = ["simulate", `${fixture("several.ts")}#slow`, "--n", "800", "--out", path("slow")];
    const { child, outcome } = start(args);
    await until(() => existsSync(path("slow", "zarr.json")));
    child.kill("SIGINT");
    const stopped = await outcome;
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(
      /interrupted after \d+ of 800 simulations; .* the same command continues it\n$/,
    );
    const finished = await run(...args, "--json");
    expect(JSON.parse(output(finished))).toMatchObject({ simulations: 800, valid: 800 });
  });

  it("mends a directory that was damaged, which is no good for training before", async () => {
    const args = ["simulate", BUMP, "--n", "50", "--out", path("damaged")];
    output(await run(...args));
    const chunk = path("damaged", "data/x/c/0/0");
    const bytes = await readFile(chunk);
    await writeFile(chunk, bytes.with(5, 255 - (bytes[5] ?? 0)));
    const train = ["train", BUMP, "--data", path("damaged"), "--out", path("never.amortis")];
    await expectRefused([[train, /the checksum of the file data\/x\/c\/0\/0 does not fit its/]]);
    const { code, stderr } = await run(...args);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: shard 0 is simulated again: .* is damaged/);
    expect(await readFile(chunk)).toEqual(bytes);
  });
});

describe("train", () => {
  it("writes an estimator, with the networks and settings it was told", async () => {
    expect(JSON.parse(output(workspace.trained))).toMatchObject({
      file: path("bump.amortis"),
      method: "npe",
      model: "bump",
      interrupted: false,
      simulations: 600,
      epochs: 2,
    });
    const { details } = await load(path("bump.amortis"));
    expect(details.description).toMatchObject({
      summary: { outputs: 4 },
      density: { kind: "gaussian", hidden: [16] },
    });
    expect(details.training.settings).toMatchObject({ epochs: 2, batch: 32, seed: 1 });
    expect(workspace.trained.stderr).toMatch(/trained for 2 epochs/);
  });

  it("takes simulations made before, and lets options override the configuration", async () => {
    const out = path("stored.amortis");
    const outcome = await run(
      "train",
      BUMP,
      "--data",
      path("data"),
      "--config",
      path("config.json"),
      "--epochs",
      "1",
      "--out",
      out,
      "--quiet",
    );
    output(outcome);
    expect(outcome.stderr).toBe("");
    expect(outcome.stdout).toMatch(/npe for bump, trained after 1 epoch on 600 simulations/);
  });

  it("refuses simulations under another prior, unless that is allowed", async () => {
    const wide = path("wide.ts");
    const source = await readFile(BUMP, "utf8");
    await writeFile(wide, source.replace("uniform(-2, 2)", "uniform(-3, 3)"));
    const args = ["train", wide, "--data", path("data"), "--config", path("config.json")];
    const out = path("wide.amortis");
    // A model outside of this package finds the library by what the process of the command has set up.
    const refused = await run(...args, "--out", out);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^error: .*under another prior: mean was drawn from .*"lower":-2,"upper":2}, but the model has .*"lower":-3,"upper":3}[^\n]*\n$/,
    );
    const allowed = await run(...args, "--out", out, "--allow-other-prior");
    output(allowed);
    expect(allowed.stderr).toMatch(/warning: .*: the answer is under the prior of the simulations/);
    expect((await call("inspect", out)).stdout).toMatch(
      /trained on +600 simulations \(seed 3\), under another prior than the model's/,
    );
  });

  it("saves the best so far when interrupted, and resumes", async () => {
    const args = [
      "train",
      BUMP,
      "--data",
      path("data"),
      "--config",
      path("config.json"),
      "--out",
      path("stopped.amortis"),
      "--epochs",
    ];
    const { child, outcome } = start([...args, "100000", "--json", "--checkpoint"]);
    const checkpoint = path("stopped.amortis.checkpoint");
    await until(() => existsSync(checkpoint));
    child.kill("SIGINT");
    const stopped: Trained = JSON.parse(output(await outcome));
    // Training may have ended early by itself just before: with patience, it would have.
    expect(stopped.epochs).toBeGreaterThan(0);
    expect((await load(path("stopped.amortis"))).history.length).toBe(stopped.epochs);
    expect(existsSync(checkpoint)).toBe(stopped.interrupted);
    if (!stopped.interrupted) return;
    // A checkpoint of other settings is refused.
    const other = await run(...args, "7", "--resume");
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/checkpoint of other training/);
    const resumed = await run(...args, "100000", "--resume", "--json");
    const { epochs }: Trained = JSON.parse(output(resumed));
    expect(epochs).toBeGreaterThanOrEqual(stopped.epochs - 1);
    expect(existsSync(checkpoint)).toBe(false);
  });
});

describe("infer", () => {
  it("summarises posteriors as the library does", async () => {
    const { parameters, datasets }: Summary = JSON.parse(
      output(
        await run(
          "infer",
          path("bump.amortis"),
          path("x.npy"),
          "--samples",
          "200",
          "--seed",
          "5",
          "--json",
        ),
      ),
    );
    expect(parameters).toEqual(["mean"]);
    expect(datasets.length).toBe(12);
    const fitted = await load(path("bump.amortis"));
    if (fitted.kind !== "posterior") throw new Error("npe gives posteriors");
    const data = observations();
    const posteriors = await fitted.givenBatch({ x: data }, { samples: 200, seed: 5 });
    expect(datasets[7]?.mean["mean"]).toBe(posteriors.mean()["mean"]?.[7]);
    expect(datasets[7]?.sd["mean"]).toBe(posteriors.sd()["mean"]?.[7]);
    expect(Object.keys(datasets[7]?.quantiles ?? {})).toEqual([
      "0.05",
      "0.25",
      "0.5",
      "0.75",
      "0.95",
    ]);
    expect(datasets[7]?.quantiles["0.95"]?.["mean"]).toBe(posteriors.quantile(0.95)["mean"]?.[7]);
  });

  it("writes draws as .npy, summaries as .json, and shows a table", async () => {
    const [draws, summaries] = await Promise.all([
      run(
        "infer",
        path("bump.amortis"),
        path("x.npy"),
        "--samples",
        "20",
        "--out",
        path("new", "samples.npy"),
      ),
      run("infer", path("bump.amortis"), path("x.npy"), "--out", path("summaries.json"), "--json"),
    ]);
    output(draws);
    expect(draws.stdout).toMatch(/12 data sets, 20 draws each; the first 10/);
    expect(draws.stdout).toMatch(
      /data set +parameter +mean +sd +5 % +25 % +50 % +75 % +95 %\n0 +mean/,
    );
    const { shape, data } = parseNpy(await readFile(path("new", "samples.npy")));
    expect(shape).toEqual([12, 20, 1]);
    expect(data).toBeInstanceOf(Float32Array);
    expect(data.every((value) => value > -2 && value < 2)).toBe(true);
    expect(await readFile(path("summaries.json"), "utf8")).toBe(summaries.stdout);
  });

  it("says of each data set whether it is to be trusted, and how often", async () => {
    const options = ["--answer", "trusted", "--model", BUMP];
    const [shown, json, without, points] = await Promise.all([
      run("infer", path("bump.amortis"), path("x.npy"), ...options),
      run("infer", path("bump.amortis"), path("x.npy"), ...options, "--json"),
      run("infer", path("bump.amortis"), path("x.npy"), "--answer", "mcmc"),
      run("infer", path("points.amortis"), path("x.npy"), "--answer", "trusted"),
    ]);
    const { datasets }: Summary = JSON.parse(output(json));
    for (const { label, check } of datasets) {
      expect(["amortized", "corrected", "exact"]).toContain(label);
      expect(check).toHaveProperty("effective");
    }
    expect(output(shown)).toMatch(/^(\d+ (amortized|corrected|exact)(, )?)+$/m);
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toContain("load the file with its model");
    expect(points).toMatchObject({ code: 2 });
    expect(points.stderr).toContain("leave out --answer");
  });

  it("gives estimates and intervals of an estimator of points", async () => {
    output(workspace.points);
    const { estimate, datasets }: Summary = JSON.parse(
      output(
        await run(
          "infer",
          path("points.amortis"),
          path("x.npy"),
          "--json",
          "--out",
          path("estimates.npy"),
        ),
      ),
    );
    expect(estimate).toBe("mean");
    expect(Object.keys(datasets[0]?.quantiles ?? {})).toEqual(["0.05", "0.95"]);
    const [low, high] = [datasets[3]?.quantiles["0.05"], datasets[3]?.quantiles["0.95"]];
    expect(low?.["mean"]).toBeLessThan(high?.["mean"] ?? Number.NaN);
    const { shape, data } = parseNpy(await readFile(path("estimates.npy")));
    expect(shape).toEqual([12, 1]);
    expect(data[3]).toBeCloseTo(datasets[3]?.estimate["mean"] ?? Number.NaN, 6);
  });
});

describe("inspect", () => {
  it("says what a file is", async () => {
    const [text, document] = await Promise.all([
      run("inspect", path("points.amortis")),
      run("inspect", path("bump.amortis"), "--json"),
    ]);
    output(text);
    expect(text.stdout).toMatch(
      /method +nbe, which answers with the posterior mean and the quantiles 0.05, 0.95/,
    );
    expect(text.stdout).toMatch(
      /parameter +mean ~ uniform\(lower -2, upper 2, link normal-scores\)/,
    );
    expect(JSON.parse(output(document))).toMatchObject({
      method: "npe",
      model: { name: "bump" },
      training: { simulations: 600 },
    });
  });
});

describe("help", () => {
  it("is complete for every subcommand", async () => {
    const names = ["init", "check", "simulate", "train", "infer", "inspect", "benchmark"];
    const [top, ...helps] = await Promise.all([
      run("--help"),
      ...names.map((name) => run(name, "--help")),
    ]);
    for (const name of names) expect(top.stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    for (const [i, help] of helps.entries()) {
      expect(help.code).toBe(0);
      expect(help.stderr).toBe("");
      expect(help.stdout).toMatch(new RegExp(`Examples:\n  amortis ${names[i]} `));
      expect(help.stdout).toContain("--json");
    }
  });
});
