/**
 * `amortis reproduce review`, as a user runs it, at a scale that exercises all stages and whose numbers mean nothing.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ReviewResults } from "../src/results.js";
import { run, start } from "../../../packages/cli/test/command.js";

const root = await mkdtemp(join(tmpdir(), "amortis-review-"));
const path = (...names: readonly string[]): string => join(root, ...names);
const command = (out: string, ...more: readonly string[]): readonly string[] =>
  ["reproduce", "review", "--scale", "test", "--out", path(out)].concat(more);

afterAll(() => rm(root, { recursive: true, force: true }));

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

describe("amortis reproduce review", () => {
  it("goes on after an interruption, and answers all", { timeout: 600_000 }, async () => {
    const { child, outcome } = start(command("whole"));
    // In the midst of the stages.
    while (!existsSync(path("whole", "stages", "exact.json"))) await wait(20);
    child.kill("SIGINT");
    const first = await outcome;
    expect(first.stderr).toMatch(/stopping/);
    expect(first.stderr).toMatch(/interrupted in stage \d+ of \d+; what .* holds is kept/);
    expect(first.code).toBe(1);
    expect(existsSync(path("whole", "results.json"))).toBe(false);

    const second = await run(...command("whole", "--json"));
    expect(second.stderr).toContain("exact posterior: done before");
    expect(second.code).toBe(0);
    const results: ReviewResults = JSON.parse(second.stdout);
    expect(JSON.parse(await readFile(path("whole", "results.json"), "utf8"))).toEqual(results);
    expect(results.gaussian.methods.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["exact", "mcmc", "nbe", "fkl", "rkl1", "rkl2", "rkl3", "nre"]),
    );
    for (const { id, fields, scores, cost } of results.gaussian.methods) {
      expect([id, fields.estimate.length]).toEqual([id, results.gaussian.truth.length]);
      expect([id, Number.isFinite(scores.rmse?.value)]).toEqual([id, true]);
      expect(cost.inferenceSecondsPerField).toBeGreaterThan(0);
    }
    const exact = results.gaussian.methods.find(({ id }) => id === "exact");
    expect(exact?.scores.crps?.relative?.value).toBe(1);
    const mcmc = results.gaussian.methods.find(({ id }) => id === "mcmc")?.diagnostics;
    expect(mcmc).toMatchObject({ kind: "chains", draws: 100, bruteForce: { fields: 2 } });
    const weights = results.gaussian.methods.find(({ id }) => id === "nreImportance")?.diagnostics;
    expect(weights).toMatchObject({ kind: "weights", proposals: 20_000 });
    for (const { scores } of results.gaussian.methods) {
      expect(scores.reviewRmspe?.standardError).toBeGreaterThan(0);
      expect(scores.coverage?.published).toBe(scores.reviewCov90?.published);
    }
    const [network, composite] = results.maxStable.methods;
    expect(network?.range.calibration?.coverage.map(({ level }) => level)).toEqual([
      0.5, 0.8, 0.9, 0.95,
    ]);
    expect(Number.isFinite(network?.joint?.logScore.value)).toBe(true);
    expect(composite?.range.onBounds.upper).toMatchObject({ threshold: 0.59, published: 0.27 });
    expect(results.maxStable.methods.map(({ id }) => id)).toEqual(["fkl", "composite"]);
    expect(results.maxStable.closeLooks).toHaveLength(3);
    expect(results.ratio.snapshots).toHaveLength(2);
    expect(existsSync(path("whole", "report.html"))).toBe(true);
    expect(results.cost).toHaveLength(6);

    // All is there: nothing is computed again, and tables take the document's place.
    const third = await run(...command("whole"));
    expect(third.code).toBe(0);
    expect(third.stdout).toContain("relative to the exact posterior's");
    expect(third.stderr).not.toContain("done in");

    const other = await run(...command("whole", "--seed", "2"));
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/^error: .* holds a comparison of scale test with seed 1, not/);
  });

  it("refuses what it cannot use, in one line", async () => {
    await writeFile(path("file"), "");
    await writeFile(path("notes.txt"), "");
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["reproduce", "review"], /--out/],
      [["reproduce", "everything", "--out", path("x")], /everything/],
      [["reproduce", "review", "--out", path("x"), "--scale", "huge"], /quick or paper/],
      [["reproduce", "review", "--out", path("file")], /it is no directory/],
      [["reproduce", "review", "--out", root], /holds other files/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr, stdout } = await run(...args);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect([code, stdout]).toEqual([2, ""]);
    }
    expect(existsSync(path("x"))).toBe(false);
  });
});
