/**
 * Fuzzes what reads files: counts, by target, of mutants that were read, refused in one line, or answered in a way that no user should see.
 *
 *     npm run fuzz:files -- --mutants 10000 --seed 1
 */
import { parseArgs } from "node:util";
import { fuzz, TARGETS } from "../../packages/amortis/test/fuzz/mutants.js";

const { values } = parseArgs({
  options: {
    mutants: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
  },
});
const each = Math.ceil(Number(values.mutants) / TARGETS.length);
for (const target of TARGETS) {
  const { read, refused, faults } = await fuzz(target, each, Number(values.seed));
  console.log(
    `${target}: ${each} mutants, ${read} read, ${refused} refused, ${faults.length} faults`,
  );
  for (const fault of faults.slice(0, 10)) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
