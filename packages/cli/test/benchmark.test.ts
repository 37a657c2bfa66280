import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stream } from "amortis";
import { writeNpy } from "amortis/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, output, run } from "./command.js";

let root: string;
const at = (...names: string[]): string => join(root, ...names);

function normals(seed: number, shift: number): Float32Array {
  const random = stream(seed);
  return Float32Array.from({ length: 600 }, () => shift + random.normal());
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-benchmark-command-"));
  for (const name of ["obs", "ref"]) await mkdir(at(name, "two_moons"), { recursive: true });
  await mkdir(at("samples"));
  for (const k of [1, 2]) {
    await writeFile(at("obs", "two_moons", `observation_${k}.json`), '{ "observation": [0, 0] }');
    await writeFile(
      at("ref", "two_moons", `reference_${k}.f32`),
      new Uint8Array(normals(k, 0).buffer),
    );
    // The second sample is far away.
    const data = normals(10 + k, 8 * (k - 1));
    await writeNpy(at("samples", `two_moons_${k}.npy`), { shape: [300, 2], data });
  }
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("benchmark", () => {
  it("scores samples of another program, in threads, and reports them", async () => {
    const samples = ["--method", "other", "--samples", at("samples")];
    const folders = ["--observations", at("obs"), "--reference", at("ref"), "--out", at("out")];
    const rest = ["--simulations", "1000", "--classifiers", "forest", "--jobs", "2", "--json"];
    const asked = ["--task", "two_moons", ...samples, ...folders, ...rest];
    const scored = await run("benchmark", "sbibm", ...asked);
    expect(JSON.parse(output(scored))).toMatchObject({
      results: [
        {
          task: "two_moons",
          method: "other",
          scores: [{ k: 1 }, { k: 2, c2st: { forest: 1 } }],
        },
      ],
    });
    expect(scored.stderr).toContain("two_moons: C2ST (forest)");
    expect(await readFile(at("out", "scores-forest.svg"), "utf8")).toContain("other");
    expect(await readFile(at("out", "report.html"), "utf8")).toContain("two_moons");
  });

  it.each([
    ["no such task", ["--task", "three_moons"], /no task "three_moons": choose among gaussian_l/],
    ["no such method", ["--task", "sir", "--method", "magic"], /no method "magic": choose npe/],
    ["half of the folders", ["--task", "sir", "--observations", "x"], /go together/],
    ["samples of nothing", ["--task", "sir", "--samples", "x"], /samples are of observations/],
    ["a method without posteriors", ["--task", "sir", "--method", "nbe"], /has no posteriors/],
    [
      "no such folder",
      ["--task", "sir", "--observations", "nowhere", "--reference", "nowhere"],
      /there are no observations of sir: nowhere.sir cannot be read/,
    ],
  ])("refuses %s with one line", async (_, args, message) => {
    const refused = await call("benchmark", "sbibm", "--simulations", "100", ...args);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toBe("");
    expect(refused.stderr.trim().split("\n")).toHaveLength(1);
    expect(refused.stderr).toMatch(message);
  });
});
