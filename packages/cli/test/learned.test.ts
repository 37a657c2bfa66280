import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { load, uniform, type Distribution } from "amortis";
import { parseNpy } from "amortis/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPriors } from "../src/priors.js";
import { call, expectRefused, output, run, type Outcome, type Summary } from "./command.js";
import { BUMP, createWorkspace, observations, type Workspace } from "./workspace.js";

let workspace: Workspace;
const path = (...names: readonly string[]): string => workspace.path(...names);

const SMALL = { kind: "gaussian", hidden: [16] };
const SYNTHETIC = { method: "synthetic-likelihood", binding: { hidden: [16] } };

beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

/** Trains NAME.amortis on the workspace's simulations, for two epochs. */
async function train(name: string, config: object, ...rest: readonly string[]): Promise<void> {
  const [file, out] = [path(`${name}.json`), path(`${name}.amortis`)];
  await writeFile(file, JSON.stringify({ training: { epochs: 2, batch: 32 }, ...config }));
  const files = ["--data", path("data"), "--config", file, "--out", out];
  output(await run("train", BUMP, ...files, "-q", ...rest));
}

/** The weights of NAME.amortis, by their names. */
async function weightsOf(name: string): Promise<ReadonlyMap<string, Float32Array>> {
  const { details, weights } = (await load(path(`${name}.amortis`))).contents;
  let at = 0;
  return new Map(
    details.variables.map(({ name: variable, shape }) => {
      const start = at;
      at += shape.reduce((a, b) => a * b, 1);
      return [variable, weights.slice(start, at)];
    }),
  );
}

describe("training that goes on", () => {
  it("begins with the weights of another estimator, of which parts stay as they are", async () => {
    const config = { method: "nbe", summary: { kind: "mlp", hidden: [16], outputs: 4 } };
    await train("first", config);
    const from = ["--from", path("first.amortis")];
    await train("further", config, ...from, "--freeze", "summary", "--refresh-data", "1");
    const first = await weightsOf("first");
    const further = await weightsOf("further");
    expect(further.size).toBe(first.size);
    for (const [name, values] of first) {
      const same = String(further.get(name)) === String(values);
      expect([name, same]).toEqual([name, name.startsWith("summary/")]);
    }
    expect(output(await run("inspect", path("further.amortis")))).toMatch(
      /, after [\d,]+ simulations of "bump"/u,
    );
    const again = ["train", BUMP, "--method", "nbe", "--out", path("other.amortis"), "-q"];
    await expectRefused([
      [[...again, "--freeze", "summary"], /freeze names parts of the networks of another/u],
      [[...again, ...from], /train goes on from an estimator of the same method/u],
      [[...again, "--anew", "a,,b"], /names with commas between them/u],
    ]);
  });
});

describe("ratios and summaries", () => {
  it("are trained with their settings, and answer as posteriors and as summaries", async () => {
    const summary = { kind: "mlp", hidden: [16], outputs: 4 };
    const own = {
      nre: { classifier: { hidden: [16, 16] }, negatives: 2, balanced: true },
      summary: { size: 2, bound: "infonce", critic: { hidden: [8] }, negatives: 3 },
      "posterior-moments": { moments: 2 },
    };
    await Promise.all(
      (["nre", "summary", "posterior-moments"] as const).map((method) =>
        train(method, { method, summary, ...own[method] }),
      ),
    );
    const sampled = ["infer", path("nre.amortis"), path("x.npy"), "--samples", "50", "--json"];
    const [chains, ratio, table, summaries] = await Promise.all([
      run(...sampled, "--sampler", "nuts"),
      run("infer", path("nre.amortis"), path("x.npy"), "--samples", "50", "--json"),
      run("infer", path("summary.amortis"), path("x.npy"), "--out", path("summaries.npy")),
      run("infer", path("summary.amortis"), path("x.npy"), "--samples", "5"),
    ]);
    expect(JSON.parse(output(chains)).datasets[3]).toMatchObject({ status: "mcmc" });
    await expectRefused([
      [
        [...sampled, "--sampler", "nuts", "--method", "grid"],
        /--sampler nuts makes Markov chains/u,
      ],
      [["infer", path("bump.amortis"), path("x.npy"), "--sampler", "smc"], /--sampler is for/u],
    ]);
    const { parameters, datasets }: Summary = JSON.parse(output(ratio));
    expect(parameters).toEqual(["mean"]);
    expect(datasets).toHaveLength(12);
    expect(Math.abs(datasets[3]?.mean["mean"] ?? Number.NaN)).toBeLessThan(2);
    expect((await load(path("nre.amortis"))).details.description).toMatchObject({
      hidden: [16, 16],
      negatives: 2,
      balanced: 100,
    });
    expect((await load(path("summary.amortis"))).details.description).toMatchObject({
      critic: { hidden: [8] },
      negatives: 3,
    });
    const moments = await load(path("posterior-moments.amortis"));
    expect(moments.details).toMatchObject({
      method: "posteriorMomentsSummary",
      description: { moments: 2 },
      answers: { size: 2 },
    });
    expect(output(table)).toMatch(
      /12 data sets; the first 10.*\n\n *data set +summary 0 +summary 1/,
    );
    const { shape, data } = parseNpy(await readFile(path("summaries.npy")));
    expect(shape).toEqual([12, 2]);
    expect(data.every((value) => Number.isFinite(value))).toBe(true);
    expect(summaries.code).toBe(2);
    expect(summaries.stderr).toMatch(/answers with summaries of length 2, so it has no draws/);
  });
});

describe("posteriors of ratios and likelihoods", () => {
  const infer = (...rest: readonly string[]): Promise<Outcome> =>
    run("infer", path("nre.amortis"), path("x.npy"), "--samples", "40", ...rest);

  it("are made as they are asked for, also under another prior", async () => {
    const prior = { mean: { name: "uniform", lower: 0.9, upper: 1.1 } };
    await writeFile(path("prior.json"), JSON.stringify(prior));
    const fitted = await load(path("nre.amortis"));
    if (fitted.kind !== "ratio") throw new Error("nre gives ratios");
    const answers = await Promise.all([
      infer("--json", "--points", "500"),
      infer("--json", "--method", "importance", "--prior", path("prior.json")),
      infer("--json", "--method", "mcmc", "--prior", path("prior.json"), "--model", BUMP),
    ]);
    const [coarse, weighted, chains] = answers.map(
      (answer): Summary["datasets"] => (JSON.parse(output(answer)) as Summary).datasets,
    );
    const data = { x: observations() };
    const expected = await Promise.all([
      fitted.givenBatch(data, { samples: 40, method: "grid", points: 500 }),
      fitted.givenBatch(data, {
        samples: 40,
        method: "importance",
        prior: { mean: uniform(0.9, 1.1) },
      }),
    ]);
    expect(coarse?.[7]?.mean["mean"]).toBe(expected[0].mean()["mean"]?.[7]);
    expect(weighted?.[7]?.mean["mean"]).toBe(expected[1].mean()["mean"]?.[7]);
    for (const { quantiles } of chains ?? []) {
      expect(quantiles["0.05"]?.["mean"]).toBeGreaterThan(0.9);
      expect(quantiles["0.95"]?.["mean"]).toBeLessThan(1.1);
    }
  });

  it("need options that mean something, and priors that fit", async () => {
    const stranger = { sigma: { name: "normal", mean: 0, sd: 1 } };
    await writeFile(path("stranger.json"), JSON.stringify(stranger));
    const of = (name: string, ...rest: readonly string[]): readonly string[] =>
      ["infer", path(`${name}.amortis`), path("x.npy"), "--out", path("made.npy")].concat(rest);
    await expectRefused([
      [
        of("bump", "--points", "9"),
        /bump\.amortis \(npe\) .* posteriors: --points is for estimators/,
      ],
      [of("points", "--seed", "4"), /the posterior mean.*, so it has no draws: leave out --seed/],
      [of("nre", "--method", "magic"), /'magic' is invalid. Allowed choices are grid, mcmc, imp/],
      [of("nre", "--points", "9", "--method", "mcmc"), /--points .* but --method is mcmc/],
      [of("nre", "--model", "gaussian-field"), /trained for the model "bump".*"gaussian-field"/],
      [of("nre", "--prior", path("stranger.json")), /there is no parameter "sigma" .*are mean/],
    ]);
    expect(existsSync(path("made.npy"))).toBe(false);
  });

  it("take priors from files that hold some, and say what is wrong with others", async () => {
    const file = path("priors.json");
    const read = async (content: string): Promise<Readonly<Record<string, Distribution>>> => {
      await writeFile(file, content);
      return readPriors(file);
    };
    const priors = await read('{ "mean": { "name": "normal", "mean": 0, "sd": 2 } }');
    expect(priors["mean"]?.toJSON()).toEqual({ name: "normal", mean: 0, sd: 2 });
    for (const [content, line] of [
      ["normal(0, 1)", /priors\.json is no JSON/],
      ['{ "mean": 1, "mean": 2 }', /priors\.json: an object has "mean" twice/],
      ["[1]", /priors\.json holds no priors by parameter: write/],
      ['{ "mean": { "name": "cauchy" } }', /priors\.json: the prior of "mean": .*"cauchy"/],
      ['{ "mean": { "name": "normal", "mean": 0, "sd": -1 } }', /: normal\(.*needs a positive sd/],
    ] as const) {
      await expect(read(content)).rejects.toThrow(line);
    }
    await expect(readPriors(path("no.json"))).rejects.toThrow(/cannot read .*no such file/);
  });
});

describe("likelihoods and transforms", () => {
  it("are trained, and answer as posteriors", async () => {
    const average = `${BUMP}#average`;
    await Promise.all([
      train("variational", { draws: 2, density: SMALL }, "--method", "variational"),
      train("synthetic", SYNTHETIC, "--transform", average),
      train("learned", {}, "--method", "summary"),
    ]);
    await Promise.all([
      train("joined", { transform: [average, path("learned.amortis")], density: SMALL }),
      train(
        "by-summary",
        { method: "variational", density: SMALL, likelihood: path("synthetic.amortis") },
        "--transform",
        average,
      ),
    ]);
    const answers = await Promise.all(
      ["variational", "synthetic", "joined", "by-summary"].map((name) =>
        run("infer", path(`${name}.amortis`), path("x.npy"), "--samples", "50", "--json"),
      ),
    );
    for (const answer of answers) {
      const { datasets }: Summary = JSON.parse(output(answer));
      expect(datasets).toHaveLength(12);
      expect(Math.abs(datasets[3]?.mean["mean"] ?? Number.NaN)).toBeLessThan(2);
    }
    expect((await load(path("synthetic.amortis"))).details.description).toMatchObject({
      transform: { kind: "expertSummary", name: "average" },
    });
    expect((await load(path("joined.amortis"))).details.description).toMatchObject({
      transform: { transforms: [{ name: "average" }, { kind: "learnedSummary", name: "learned" }] },
    });
    expect((await load(path("by-summary.amortis"))).details.description).toMatchObject({
      likelihood: { of: { method: "syntheticLikelihood", transform: { name: "average" } } },
    });
  });

  it("that do not fit are told in one line, and nothing is written", async () => {
    const likelihoods: Readonly<Record<string, string>> = {
      missing: path("no.amortis"),
      posterior: path("bump.amortis"),
      fits: path("synthetic.amortis"),
      typo: "grpah",
    };
    await Promise.all(
      Object.entries(likelihoods).map(([name, likelihood]) =>
        writeFile(path(`${name}.json`), JSON.stringify({ method: "variational", likelihood })),
      ),
    );
    const withLikelihood = (name: string, ...rest: readonly string[]): readonly string[] => [
      "train",
      BUMP,
      "--config",
      path(`${name}.json`),
      "--out",
      path("made.amortis"),
      ...rest,
    ];
    await expectRefused([
      [withLikelihood("missing"), /cannot read .*no\.amortis: there is no such file/],
      [withLikelihood("typo"), /typo\.json: likelihood must be graph, host, or the file/],
      [withLikelihood("posterior"), /bump\.amortis is no likelihood, but npe: .*synthetic-likel/],
      [withLikelihood("fits"), /synthetic\.amortis is .* the summary average, but was given none/],
      [
        withLikelihood("fits", "--transform", path("learned.amortis")),
        /of the summary average, but was given learned \(weights [0-9a-f]{8}\): give the transf/,
      ],
      [
        ["train", "gaussian-field", ...withLikelihood("fits").slice(2)],
        /synthetic\.amortis was trained for the model "bump" .*, not for "gaussian-field"/,
      ],
    ]);
    expect(existsSync(path("made.amortis"))).toBe(false);
  });
});

describe("transforms of columns", () => {
  it("are taken from the command line and configurations, kept in the file, said by inspect, and hold for data", async () => {
    const standardized = { x: { kind: "constrain", lower: -20, upper: 20 } };
    await train("constrained", { columns: standardized, density: SMALL });
    await train("logged", { density: SMALL }, "--column", 'x={"kind":"log","shift":20}');
    expect(output(await call("inspect", path("constrained.amortis")))).toMatch(
      /^transform +x: constrain\(lower -20; upper 20\)$/m,
    );
    const { standardization } = await load(path("logged.amortis")).then(({ details }) => details);
    expect(standardization.columns).toEqual({ x: { kind: "log", shift: 20 } });
    await writeFile(path("low.csv"), "x[0],x[1],x[2]\n0,-21,0\n");
    await expectRefused([
      [
        ["infer", path("logged.amortis"), path("low.csv")],
        /x\[1\] is -21, but the transform log of "x" takes values above -20/,
      ],
      [["train", BUMP, "--column", "x", "--out", path("no")], /It must be NAME=TRANSFORM/],
      [
        ["train", BUMP, "--column", "x=sqrt", "--out", path("no")],
        /columns\.x must be of one of the kinds log, logit, .*but is "sqrt"/,
      ],
    ]);
  });
});
