import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectRefused, output, run, start } from "./command.js";
import { BUMP } from "./workspace.js";

interface Found {
  readonly chosen: number;
  readonly endedBy: string;
  readonly gain: { readonly value: number; readonly standardError: number };
  readonly simulations: Record<string, number>;
  readonly trials: readonly { readonly contestant: number; readonly rung: number }[];
  readonly configuration: object;
}

let folder = "";
const path = (...names: readonly string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amortis-tune-"));
  const base = { summary: "raw", density: "gaussian", training: { epochs: 9, batch: 32 } };
  await writeFile(path("base.json"), JSON.stringify(base));
});
afterAll(() => rm(folder, { recursive: true }));

/** A search of little work. */
const search = (out: string, ...more: readonly string[]): readonly string[] => [
  "tune",
  BUMP,
  "--config",
  path("base.json"),
  "--simulations",
  "400",
  "--threads",
  "1",
  "--out",
  path(out),
  ...more,
];

describe("tune", () => {
  it("searches, prints one document, and leaves what train and infer take", async () => {
    const outcome = await run(...search("found", "--trials", "5", "--json"));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the command's documentation says
    const found = JSON.parse(output(outcome)) as Found;
    expect(found.simulations).toEqual({ training: 320, selection: 40, test: 40 });
    expect(found.trials[0]).toMatchObject({ contestant: 0, rung: 2 });
    expect(found.trials).toHaveLength(5);
    // The one training that was kept for it is a whole one.
    expect(found.trials.filter(({ rung }) => rung === 2)).toHaveLength(2);
    expect(outcome.stderr).toMatch(/the default: -?\d.*npe, summary raw/);
    const settings = path("found", "settings.json");
    expect(JSON.parse(await readFile(settings, "utf8"))).toEqual(found.configuration);
    const args = ["train", BUMP, "--config", settings, "--simulations", "200", "--epochs", "1"];
    output(await run(...args, "--out", path("again.amortis")));
    await writeFile(path("x.json"), JSON.stringify({ x: [[0.1, 0.2, 0.3]] }));
    output(await run("infer", path("found", "best.amortis"), path("x.json")));
    // With a larger budget it goes on.
    const more = await run(...search("found", "--trials", "6"));
    expect(output(more)).toMatch(/chosen: npe|the default stays/);
    expect(output(more)).toMatch(/6 trainings/);
    expect(more.stderr).not.toMatch(/the default:/);
  });

  it("says what there is when interrupted", async () => {
    const { child, outcome } = start(search("part", "--minutes", "10"));
    let [seen, asked] = ["", false];
    child.stderr?.on("data", (text: string) => {
      seen += text;
      // A second one would end it at once.
      if (!asked && /contestant 1 for 1\/9: /.test(seen)) asked = child.kill("SIGINT");
    });
    const { code, stdout } = await outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(/trainings.*; interrupted/);
    expect(existsSync(path("part", "best.amortis"))).toBe(true);
  });

  it("refuses bad input in a line", async () => {
    await writeFile(path("wrong.json"), JSON.stringify({ densty: "gaussian" }));
    const out = path("none");
    const of = (...more: readonly string[]): readonly string[] => [
      "tune",
      BUMP,
      "--out",
      out,
      ...more,
    ];
    await expectRefused([
      [of(), /say how long it may take: minutes, or trials/],
      [of("--minutes", "0"), /must be a number above 0/],
      [of("--trials", "2", "--method", "nbe"), /which nbe does not give/],
      [of("--trials", "2", "--config", path("wrong.json")), /no setting "densty"/],
      [of("--trials", "2", "--simulations", "50"), /50 simulations leave 5 for selection/],
      [of("--trials", "2", "--data", "a", "--simulations", "50"), /cannot be used with option/],
      [["tune", BUMP, "--trials", "2"], /required option '--out <DIR>'/],
      [["tune", BUMP, "--trials", "2", "--out", BUMP], /no directory that can be written to/],
    ]);
    expect(existsSync(out)).toBe(false);
  });
});
