/**
 * Reference tables on the command line.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { call, expectRefused, output, run, type Summary } from "./command.js";
import { BUMP, createWorkspace, type Workspace } from "./workspace.js";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

it("a table is kept, answers, and is replaced by a larger one on disk", async () => {
  const path = workspace.path;
  const making = ["--method", "abc", "--simulations", "4000", "--out", path("abc.amortis")];
  const trained = await run("train", BUMP, ...making);
  expect(output(trained)).toMatch(/a table of 4,000 simulations.*nothing is trained/u);
  expect(output(await call("inspect", path("abc.amortis")))).toMatch(
    /posteriors from a reference table/u,
  );
  const asked = ["infer", path("abc.amortis"), path("x.npy"), "--json"];
  const [own, larger] = await Promise.all([run(...asked), run(...asked, "--table", path("data"))]);
  const { datasets }: Summary = JSON.parse(output(own));
  expect(datasets).toHaveLength(12);
  expect(datasets[0]?.check).toMatchObject({ quantile: 0.125 });
  expect((JSON.parse(output(larger)) as Summary).datasets).toHaveLength(12);
  await expectRefused([
    [
      ["infer", path("bump.amortis"), path("x.npy"), "--table", path("data")],
      /no reference table: leave out --table/u,
    ],
    [[...asked, "--method", "mcmc"], /--method is for estimators of ratios and likelihoods/u],
  ]);
}, 60_000);
