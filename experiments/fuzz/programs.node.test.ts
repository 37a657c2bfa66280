/**
 * A sample of what `npm run fuzz:programs` does.
 */
import { expect, test } from "vitest";
import { fuzzPrograms } from "./fuzz-programs.js";

test("programs that break a rule are refused in one line, or harmless", async () => {
  const outcomes = await fuzzPrograms(450, 1);
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  const refused = outcomes.reduce((sum, one) => sum + one.refused, 0);
  expect(refused).toBeGreaterThan(250);
  // What no program of this library has is never let in.
  for (const kind of ["domain", "function", "subgraph", "initialiser that is an input"]) {
    const of = outcomes.find((one) => one.kind === kind);
    expect([kind, of?.refused]).toEqual([kind, of?.mutants]);
  }
});
