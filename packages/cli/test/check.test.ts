import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectRefused, output, run } from "./command.js";

let directory: string;
const path = (name: string): string => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "amortis-check-"));
});
afterAll(() => rm(directory, { recursive: true }));

describe("init and check", () => {
  it("write a model file that is checked without a problem, and trained as it is", async () => {
    const file = path("my-line.ts");
    const names = ["--parameters", "offset:-5..5,slope", "--data", "y:20,n,trials:set:8x2"];
    expect(output(await run("init", file, ...names))).toMatch(/^.*my-line\.ts: put your simulator/);
    const checked = await run("check", file, "--n", "100", "--out", path("report"), "--json", "-q");
    const document = JSON.parse(output(checked)) as Record<string, unknown>;
    expect(document).toMatchObject({
      model: "my-line",
      parameters: ["offset", "slope"],
      problems: [],
      invalid: { count: 0 },
    });
    expect(JSON.parse(await readFile(path("report/check.json"), "utf8"))).toEqual(document);
    expect(await readFile(path("report/check.svg"), "utf8")).toContain("trials under the prior");
    const small = ["--simulations", "200", "--epochs", "1", "-q"];
    output(await run("train", file, ...small, "--out", path("line.amortis")));
    expect(output(await run("inspect", path("line.amortis")))).toMatch(/offset ~ uniform/);
  });

  it("refuse what cannot be", async () => {
    const data = ["--data", "y:20"];
    const refused = expectRefused([
      [["init", path("a.txt"), "--parameters", "a", ...data], /must be a TypeScript file/],
      [["init", path("a.ts"), "--parameters", "class", ...data], /"class" cannot be a name/],
      [["init", path("a.ts"), "--parameters", "a:2..1", ...data], /must be NAME or NAME:LOWER/],
      [["init", path("a.ts"), "--parameters", "a", "--data", "y:grid:3"], /NAME:KIND:SIZES/],
      [["init", path("a.ts"), "--parameters", "y", ...data], /have one name, "y": rename one/],
      [["check", path("no.ts")], /there is no model/],
    ]);
    await expect(refused).resolves.toBeUndefined();
  });
});
