/**
 * Fuzzes what reads files: counts, by target, of mutants that were read, refused in one line, or answered in a way that no user should see.
 *
 *     npm run fuzz:files -- --mutants 100000 --seed 1 [--first 0]
 *
 * A run that was stopped goes on where `--first` says: the same seed and number make the same mutant.
 */
import { parseArgs } from "node:util";
import { fuzz, TARGETS } from "../../packages/amortis/test/fuzz/mutants.js";

const { values } = parseArgs({
  options: {
    mutants: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    first: { type: "string", default: "0" },
  },
});
const each = Math.ceil(Number(values.mutants) / TARGETS.length);
for (const target of TARGETS) {
  const { read, refused, faults } = await fuzz(
    target,
    each,
    Number(values.seed),
    Number(values.first),
  );
  console.log(
    `${target}: ${each} mutants, ${read} read, ${refused} refused, ${faults.length} faults`,
  );
  for (const fault of faults.slice(0, 10)) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
