/**
 * By how much other units change the answers of every method, beside what another seed does: root mean squares over posterior means and standard deviations (for `nbe`
 * estimates and quantiles, for summaries their values), in standard deviations of the prior.
 *
 *     npm run experiment:units -- --simulations 20000
 */
import { parseArgs } from "node:util";
import { STRUCTURED } from "../../packages/amortis/test/properties/structured-units.js";
import {
  answersIn,
  differenceOf,
  first,
  METHODS,
  OTHERS,
  type Units,
} from "../../packages/amortis/test/properties/units.js";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
  },
});
const options = { simulations: Number(values.simulations), seed: Number(values.seed), workers: 0 };
console.log(["method", "another seed", ...Object.keys(OTHERS)].join(" | "));
for (const [method, answersOf] of [
  ...(Object.keys(METHODS) as (keyof typeof METHODS)[]).map(
    (method) =>
      [method, (units: Units, how: typeof options) => answersIn(units, method, how)] as const,
  ),
  ...Object.entries(STRUCTURED),
]) {
  const answers = await answersOf(first, options);
  const row = [
    differenceOf(answers, await answersOf(first, { ...options, seed: options.seed + 1 })),
  ];
  for (const units of Object.values(OTHERS)) {
    row.push(differenceOf(answers, await answersOf(units, options)));
  }
  console.log([method, ...row.map((value) => value.toFixed(4))].join(" | "));
}
