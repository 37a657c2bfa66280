/**
 * `amortis plan`: what a training will cost.
 */
import { expect, test } from "vitest";
import { expectRefused, fixture, output, run } from "./command.js";

const BUMP = fixture("bump.ts");

test("plans a training, in words and as JSON", async () => {
  const few = ["plan", BUMP, "--pilot", "200", "--target", "0.5"];
  const config = fixture("plan.json");
  const [words, json] = await Promise.all([
    run(...few, "--config", config, "-q"),
    run(...few, "--config", config, "--json"),
  ]);
  expect(output(words)).toMatch(/200 simulations are enough|simulations for 0\.5 nats/);
  expect(output(words)).toMatch(/simulating .*, training .*, about .* of memory/);
  expect(words.stderr).toBe("");
  expect(JSON.parse(output(json))).toMatchObject({ target: 0.5, pilots: [{}, {}, {}] });
  expect(json.stderr).toMatch(/training with 200 simulations/);
});

test("refuses what cannot be", async () => {
  const refused = expectRefused([
    [["plan", BUMP, "--target", "0"], /--target/],
    [["plan", BUMP, "--pilot", "20"], /--pilot/],
    [["plan", "nowhere"], /there is no model "nowhere"/],
  ]);
  await expect(refused).resolves.toBeUndefined();
});
