import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeNpy } from "amortis/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, fixture } from "./command.js";
import { BUMP, createWorkspace, type Workspace } from "./workspace.js";

let workspace: Workspace;
const path = (...names: readonly string[]): string => workspace.path(...names);

beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

describe("bad input", () => {
  /** Commands, and what their one line says. OUT is a file that must not appear. */
  const cases: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ["an unknown option", () => ["infer", "a", "b", "--nonsense"], /unknown option '--nonsense'/],
    ["an unknown subcommand", () => ["inferr", "a", "b"], /unknown command 'inferr'/],
    ["a missing argument", () => ["infer", "a"], /missing required argument 'DATA'/],
    ["a missing option", () => ["simulate", BUMP, "--n", "3"], /required option '--out <DIR>'/],
    [
      "no number",
      () => ["simulate", BUMP, "--n", "many", "--out", out()],
      /'many' is invalid. It must be a whole number from 1 on/,
    ],
    [
      "no simulations",
      () => ["simulate", BUMP, "--n", "0", "--out", out()],
      /whole number from 1 on/,
    ],
    [
      "more threads than any machine has",
      () => ["infer", "a", "b", "--threads", "1e12"],
      /'1e12' is invalid. It must be a whole number from 1 to 1024/,
    ],
    [
      "more workers than any machine has",
      () => ["simulate", BUMP, "--n", "3", "--workers", "1e9", "--out", out()],
      /'1e9' is invalid. It must be a whole number from 0 to 1024/,
    ],
    [
      "no such model",
      () => ["simulate", path("no.ts"), "--n", "3", "--out", out()],
      /there is no model ".*no\.ts".*gaussian-field/,
    ],
    [
      "a module without a model",
      () => ["simulate", fixture("nothing.ts"), "--n", "3", "--out", out()],
      /exports no model; it exports answer/,
    ],
    [
      "a module with several models",
      () => ["simulate", fixture("several.ts"), "--n", "3", "--out", out()],
      /exports several models; say which/,
    ],
    [
      "a module that is no code",
      () => ["train", path("broken.ts"), "--out", out()],
      /cannot load the model from .*broken\.ts/,
    ],
    [
      "a directory with other files",
      () => ["simulate", BUMP, "--n", "3", "--out", path("other")],
      /holds other files, such as notes\.txt/,
    ],
    [
      "an unknown method",
      () => ["train", BUMP, "--method", "magic", "--out", out()],
      /'magic' is invalid. Allowed choices are npe, abc, any-to-any/,
    ],
    [
      "no such configuration",
      () => ["train", BUMP, "--config", path("no.json"), "--out", out()],
      /cannot read .*no\.json/,
    ],
    [
      "a configuration that is no JSON",
      () => ["train", BUMP, "--config", path("broken.ts"), "--out", out()],
      /is no JSON/,
    ],
    [
      "a configuration with unknown settings",
      () => ["train", BUMP, "--config", path("unknown.json"), "--out", out()],
      /unknown\.json: training: there is no setting "epoch"/,
    ],
    [
      "a configuration with wrong settings",
      () => ["train", BUMP, "--config", path("wrong.json"), "--out", out()],
      /wrong\.json: density\.layers must be "by dimension" or a whole number, but is 1\.5/,
    ],
    [
      "settings of another method",
      () => ["train", BUMP, "--method", "nbe", "--config", path("config.json"), "--out", out()],
      /"density" is a setting of npe, hierarchical, nle, smoothing, variational, but the method is nbe/,
    ],
    [
      "no such transform",
      () => ["train", BUMP, "--transform", `${path("no.ts")}#average`, "--out", out()],
      /there is no transform ".*no\.ts#average"/,
    ],
    [
      "a module without such a transform",
      () => ["train", BUMP, "--transform", `${BUMP}#median`, "--out", out()],
      /cannot take a transform from .*bump\.ts, which exports no "median"; it exports .*average/,
    ],
    [
      "an export that is no transform",
      () => ["train", BUMP, "--transform", `${BUMP}#bump`, "--out", out()],
      /whose export "bump" is no transform of data/,
    ],
    [
      "an estimator in place of a summary",
      () => ["train", BUMP, "--transform", path("points.amortis"), "--out", out()],
      /points\.amortis is no summary, but nbe/,
    ],
    [
      "a model without a likelihood",
      () => ["train", "max-stable", "--method", "variational", "--out", out()],
      /likelihood/,
    ],
    [
      "data too long for a synthetic likelihood",
      () => ["train", "gaussian-field", "--method", "synthetic-likelihood", "--out", out()],
      /the summary has 256 numbers \(z\)/,
    ],
    [
      "no data set",
      () => ["train", BUMP, "--data", path("other"), "--out", out()],
      /there is no data set in/,
    ],
    [
      "simulations of another model",
      () => ["train", "gaussian-field", "--data", path("data"), "--out", out()],
      /holds simulations of "bump".*not of "gaussian-field"/,
    ],
    [
      "simulations twice",
      () => ["train", BUMP, "--data", path("data"), "--simulations", "9", "--out", out()],
      /'--data <SOURCE>' cannot be used with option '--n, --simulations <N>'/,
    ],
    [
      "a checkpoint in the estimator's own file",
      () => ["train", BUMP, "--checkpoint", path("made.amortis"), "--out", path("made.amortis")],
      /--checkpoint and --out are one file/,
    ],
    [
      "moments of another number",
      () => ["train", BUMP, "--config", path("moments.json"), "--out", out()],
      /moments\.json: moments must be 1, 2, but is 3/,
    ],
    [
      "a directory for a configuration",
      () => ["train", BUMP, "--config", path("other"), "--out", out()],
      /cannot read .*other: it is a directory/,
    ],
    [
      "a directory for a model",
      () => ["train", path("other"), "--out", out()],
      /there is no model ".*other": give the path of a module/,
    ],
    [
      "no such summary",
      () => ["train", BUMP, "--transform", path("no.amortis"), "--out", out()],
      /cannot read .*no\.amortis: there is no such file/,
    ],
    [
      "nothing to resume",
      () => ["train", BUMP, "--resume", "--out", out()],
      /there is nothing to resume/,
    ],
    ["a directory for a file", () => ["train", BUMP, "--out", path("other")], /it is a directory/],
    [
      "no such estimator",
      () => ["infer", path("no.amortis"), path("x.npy"), "--out", out()],
      /cannot read .*no\.amortis: there is no such file/,
    ],
    [
      "a damaged estimator",
      () => ["infer", path("damaged.amortis"), path("x.npy"), "--out", out()],
      /damaged\.amortis is damaged/,
    ],
    [
      "half an estimator",
      () => ["inspect", path("half.amortis")],
      /half\.amortis is damaged or no Amortis file/,
    ],
    [
      "a file that is no estimator",
      () => ["inspect", path("config.json")],
      /config\.json is damaged or no Amortis file/,
    ],
    [
      "no such data",
      () => ["infer", path("bump.amortis"), path("no.npy"), "--out", out()],
      /cannot read .*no\.npy: there is no such file/,
    ],
    [
      "damaged data",
      () => ["infer", path("bump.amortis"), path("damaged.npy"), "--out", out()],
      /damaged\.npy is damaged/,
    ],
    [
      "data of the wrong shape",
      () => ["infer", path("bump.amortis"), path("wrong.npy"), "--out", out()],
      /"x" must be \[3\], or \[n, 3\] .* given shape \[2, 5\]/,
    ],
    [
      "data that are not finite",
      () => ["infer", path("bump.amortis"), path("nan.npy"), "--out", out()],
      /data set 1: x\[2\] is NaN/,
    ],
    [
      "draws of an estimator of points",
      () => ["infer", path("points.amortis"), path("x.npy"), "--samples", "9", "--out", out()],
      /it has no draws/,
    ],
    [
      "output over the data",
      () => ["infer", path("bump.amortis"), path("x.npy"), "--out", path("x.npy")],
      /--out and DATA are one file/,
    ],
    [
      "an unknown kind of output",
      () => ["infer", path("bump.amortis"), path("x.npy"), "--out", `${out()}.xlsx`],
      /--out writes \.npy, .* but was given/,
    ],
  ];
  const out = (): string => path("made", "out.npy");

  beforeAll(async () => {
    await mkdir(path("other"));
    await writeFile(path("other", "notes.txt"), "keep me");
    await writeFile(path("broken.ts"), "export const model = {{{");
    await writeFile(path("unknown.json"), JSON.stringify({ training: { epoch: 3 } }));
    await writeFile(
      path("wrong.json"),
      JSON.stringify({ density: { kind: "splineCoupling", layers: 1.5 } }),
    );
    await writeFile(
      path("moments.json"),
      JSON.stringify({ method: "posterior-moments", moments: 3 }),
    );
    const estimator = await readFile(path("bump.amortis"));
    await writeFile(path("half.amortis"), estimator.subarray(0, estimator.length / 2));
    const flipped = Uint8Array.from(estimator);
    const middle = Math.floor(flipped.length / 2);
    flipped[middle] = (flipped[middle] ?? 0) ^ 0xff;
    await writeFile(path("damaged.amortis"), flipped);
    const array = await readFile(path("x.npy"));
    await writeFile(path("damaged.npy"), array.subarray(0, array.length - 7));
    await writeNpy(path("wrong.npy"), { shape: [2, 5], data: new Float32Array(10) });
    const holes = new Float32Array(6);
    holes[5] = Number.NaN;
    await writeNpy(path("nan.npy"), { shape: [2, 3], data: holes });
  });

  it.each(cases)("%s is told in one line, and nothing is written", async (_, args, line) => {
    const { code, stdout, stderr } = await call(...args());
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("leaves no files", async () => {
    expect(existsSync(path("made"))).toBe(false);
    expect(await readdir(path("other"))).toEqual(["notes.txt"]);
    const names = await readdir(dirname(path("x.npy")));
    expect(names.filter((name) => name.includes("tmp") || name.includes("xlsx"))).toEqual([]);
  });

  it("a simulator that does not do what its model says is bad input too", async () => {
    const { code, stdout, stderr } = await call(
      "train",
      fixture("misshapen.ts"),
      "--simulations",
      "100",
      "--out",
      path("misshapen.amortis"),
      "--quiet",
    );
    expect(stderr).toMatch(/^error: [^\n]*"x" has shape \[3\][^\n]*2 values[^\n]*\n$/);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(existsSync(path("misshapen.amortis"))).toBe(false);
  });
});
