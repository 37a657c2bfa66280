/**
 * How often variables are known and left out in training.
 */
import { compile, constant, input, mul, Scope, Variables } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { expect, test } from "vitest";
import { drawMasks, maskShares } from "../../src/methods/condition-masks.js";

const [BATCH, K, N] = [20_000, 2, 3];

test("masks are of each kind as often as is said, and leave out as many", async () => {
  const scope = Scope.root(new Variables(), "inference");
  const masks = maskShares.parse({ posterior: 2, likelihood: 1, few: 1 });
  const masking = { batch: BATCH, k: K, n: N, masks, absent: 0.5 };
  const lacking = constant([1, 1, 1, 1, 0]);
  const { known, here } = drawMasks(scope, masking, lacking);
  const one = input("one", []);
  const outputs = { known: mul(known, one), here: mul(here, one) };
  const program = await compile({ inputs: { one }, outputs }, nodeRuntime());
  const results = await program.run({ one: [1] });
  await program.release();
  const rows = (values: ArrayLike<unknown>): readonly string[] =>
    Array.from({ length: BATCH }, (_, row) =>
      Array.from({ length: K + N }, (__, j) => String(values[row * (K + N) + j])).join(""),
    );
  const share = (of: readonly string[], is: (row: string) => boolean): number =>
    of.filter(is).length / BATCH;
  const found = rows(results.known.data);
  const few = 0.25;
  // Of those with few, 0.3³ 0.7² have all data and no parameter. Standard errors are below 0.0036.
  const also = (ones: number): number => few * 0.3 ** ones * 0.7 ** (5 - ones);
  expect(Math.abs(share(found, (row) => row === "00111") - 0.5 - also(3))).toBeLessThan(0.015);
  expect(Math.abs(share(found, (row) => row === "11000") - 0.25 - also(2))).toBeLessThan(0.013);
  expect(Math.abs(share(found, (row) => row === "00000") - also(0))).toBeLessThan(0.006);
  const there = rows(results.here.data);
  expect(share(there, (row) => row.endsWith("0"))).toBe(1);
  expect(Math.abs(share(there, (row) => row.startsWith("0")) - 0.5 * 0.3)).toBeLessThan(0.01);
});

test("some kind of mask there must be", () => {
  expect(maskShares.safeParse({ joint: 0 }).error?.issues[0]?.message).toContain("above 0");
  expect(maskShares.parse(undefined).few).toBe(1);
});
