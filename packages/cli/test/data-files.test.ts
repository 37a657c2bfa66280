/**
 * Data as people have them, through the command: what was read, and how.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, fixture, output, run, type Summary } from "./command.js";

/** A posterior of a line, of four numbers y: trained by an earlier version. */
const LINE = fileURLToPath(
  new URL("../../amortis/test/golden-files/files/npe-gaussian.amortis", import.meta.url),
);

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "amortis-data-files-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

describe("data frames", () => {
  it("are answered by the order of their columns, which is said", async () => {
    const plain = await file("plain.csv", "0.5,0.6,0.7,0.8\n1.5,1.6,1.7,1.8\n");
    const frame = await file(
      "frame.csv",
      '"","y.1","y.2","y.3","y.4"\n"1",0.5,0.6,0.7,0.8\n"2",1.5,1.6,1.7,1.8\n',
    );
    const [known, found, table] = await Promise.all([
      run("infer", LINE, plain, "--json"),
      run("infer", LINE, frame, "--json"),
      run("infer", LINE, frame),
    ]);
    const { notes, ...answers } = JSON.parse(output(found)) as Summary & { notes: string[] };
    expect(answers).toEqual(JSON.parse(output(known)));
    expect(known.stderr).toBe("");
    expect(notes).toEqual([
      `${frame}: its first column has no name, and is taken for row names`,
      'the columns y.1, y.2, y.3, y.4 are taken for the 4 numbers of "y", in the order of their numbers',
    ]);
    expect(found.stderr).toBe(notes.map((note) => `note: ${note}\n`).join(""));
    expect(table.stderr).toBe(found.stderr);
  });

  it("never reach a terminal as they are", async () => {
    const path = await file("evil.csv", "\u001B]0;owned\u0007,y\u009B[2J\n1,2\n");
    const { code, stderr } = await call("infer", LINE, path);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*given: \\u001b\]0;owned\\u0007, y\\u009b\[2J\n$/);
  });

  it("that could mean two things are refused", async () => {
    const counted = await file("counted.csv", "0,1,2,3\n4,5,6,7\n");
    const { code, stdout, stderr } = await call("infer", LINE, counted, "--json");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: .*counted\.csv: its first line, 0, 1, 2, 3, may be [^\n]+\n$/);
  });
});

describe("a pair plot", () => {
  it("shows the draws of one data set, and of no more", async () => {
    const one = await file("one.csv", "y0,y1,y2,y3\n0.5,0.6,0.7,0.8\n");
    const out = join(directory, "pairs.svg");
    expect(output(await call("infer", LINE, one, "--out", out))).toContain(
      "pairs.svg: a pair plot of the draws",
    );
    const svg = await readFile(out, "utf8");
    expect(svg).toMatch(/^<svg[^]*slope[^]*<\/svg>\s*$/u);
    const two = await file("two.csv", "y0,y1,y2,y3\n0.5,0.6,0.7,0.8\n1.5,1.6,1.7,1.8\n");
    const several = await call("infer", LINE, two, "--out", join(directory, "several.svg"));
    expect(several).toMatchObject({ code: 2, stdout: "" });
    expect(several.stderr).toMatch(/shows the draws of one data set, but there are 2/);
  });
});

describe("simulations of other programs", () => {
  const simulations = (name: string): string =>
    fileURLToPath(new URL(`../../amortis/test/fixtures/simulations/${name}`, import.meta.url));

  it("are trained on, and what was taken for what is noted", async () => {
    const model = await file(
      "foreign.mjs",
      `import { defineModel, multivariateNormal, normal } from "amortis";
const beta = multivariateNormal([0, 0], [[1e4, 0], [0, 1e4]]);
export const foreign = defineModel({
  name: "foreign", parameters: { range: normal(0, 100), beta }, data: { z: [2, 3] },
  simulate: () => ({ z: [0, 0, 0, 0, 0, 0] }),
});`,
    );
    const out = join(directory, "foreign.amortis");
    const settings = ["--epochs", "1", "--batch", "2", "--out", out, "--json", "--quiet"];
    const trained = await run("train", model, "--data", simulations("positional.npz"), ...settings);
    expect(JSON.parse(output(trained))).toMatchObject({ simulations: 7, invalidSimulations: 0 });
    expect(trained.stderr).toContain('note: by their shapes, the array "arr_0" is taken for');
    const refused = await run(
      "train",
      model,
      "--parameters",
      simulations("theta.npy"),
      ...settings,
    );
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^error: --parameters are those of the simulations in --data/);
  });
});

describe("data sets of different sizes", () => {
  it("are simulated, learned from and answered, one alone as among others", async () => {
    const model = fixture("replicates.ts");
    const [data, config, trained] = ["sims", "sets.json", "sets.amortis"].map((name) =>
      join(directory, name),
    ) as [string, string, string];
    const summary = { kind: "deepSet", features: 8, outputs: 4 };
    await writeFile(config, JSON.stringify({ method: "nbe", summary, training: { epochs: 2 } }));
    output(await run("simulate", model, "--n", "300", "--seed", "1", "--out", data));
    output(await run("train", model, "--data", data, "--config", config, "--out", trained, "-q"));
    const many = await file("many.json", '{"y": [[0.5], [1, 1.2, 0.8], [-1, -2]]}');
    const one = await file("one.json", '{"y": [1, 1.2, 0.8]}');
    const estimates = async (path: string): Promise<readonly number[]> => {
      const answers = JSON.parse(output(await call("infer", trained, path, "--json"))) as {
        readonly datasets: readonly { readonly estimate: { readonly mean: number } }[];
      };
      return answers.datasets.map(({ estimate }) => estimate.mean);
    };
    const [all, alone] = await Promise.all([estimates(many), estimates(one)]);
    expect(all).toHaveLength(3);
    expect(alone).toHaveLength(1);
    expect(Math.abs((alone[0] ?? Number.NaN) - (all[1] ?? Number.NaN))).toBeLessThan(1e-5);
  });
});

describe("replicates", () => {
  it("are answered together, all or so many at a time", async () => {
    const rows = await file("rows.csv", "0.5,0.6,0.7,0.8\n0.6,0.7,0.8,0.9\n0.4,0.5,0.6,0.7\n");
    const sets = async (...options: readonly string[]): Promise<Summary["datasets"]> => {
      const answered = await call("infer", LINE, rows, "--json", ...options);
      return (JSON.parse(output(answered)) as Summary).datasets;
    };
    const [apart, pairs, together] = await Promise.all([
      sets(),
      sets("--replicates", "1,2"),
      sets("--replicates", "all"),
    ]);
    expect([apart.length, pairs.length, together.length]).toEqual([3, 2, 1]);
    // One data set alone has the posterior that it had: of 1,000 draws each, means differ by 4 √(2 / 1000) standard deviations at most.
    const [one, same] = [apart[0], pairs[0]];
    for (const [name, mean] of Object.entries(one?.mean ?? {})) {
      const distance = Math.abs((same?.mean[name] ?? Number.NaN) - mean);
      expect(distance).toBeLessThan(0.18 * (one?.sd[name] ?? Number.NaN));
    }
    const wrong = await call("infer", LINE, rows, "--replicates", "2,2");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("add up to the 3 that are given");
  });
});

it("unlike all that was simulated are warned of beside the answer, and in its document", async () => {
  const file = fileURLToPath(
    new URL(
      "../../amortis/test/golden-files/files-2/npe-affine-autoregressive.amortis",
      import.meta.url,
    ),
  );
  const far = join(directory, "far.json");
  await writeFile(far, "[10000, 0, 0, 0]");
  const { code, stdout, stderr } = await call("infer", file, far, "--samples", "20", "--json");
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: the data are unlike anything that was simulated/u);
  const { notes } = JSON.parse(stdout) as { readonly notes: readonly string[] };
  expect(notes).toEqual([
    expect.stringMatching(/^the data are unlike anything .* y\[0\] is 10000/u),
  ]);
});
