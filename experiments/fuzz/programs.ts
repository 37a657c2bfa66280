/**
 * Fuzzes programs in estimator files of every version: mutants that break one rule each, with checksums that fit; those that are let in are run.
 *
 *     npm run fuzz:programs -- --mutants 10000 --seed 1
 */
import { parseArgs } from "node:util";
import { fuzzPrograms } from "./fuzz-programs.js";

const { values } = parseArgs({
  options: {
    mutants: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
  },
});
const outcomes = await fuzzPrograms(Number(values.mutants), Number(values.seed));
for (const { kind, mutants, refused, answered, stopped, faults } of outcomes) {
  console.log(
    `${kind}: ${mutants} mutants, ${refused} refused, ${answered} harmless, ${stopped} refused when asked, ${faults.length} faults`,
  );
  for (const fault of faults.slice(0, 10)) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
