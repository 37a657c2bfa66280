/**
 * Simulations a second of a trivial simulator in Python: `npm run bench:command`. Of NumPy's batches, where AMORTIS_PYTHON names a Python that has it.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { command, defineModel, normal, simulate, type CommandOptions } from "amortis";

const SIMULATIONS = 100_000;

async function measure(program: string, options: CommandOptions, workers: number): Promise<void> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const model = defineModel({
    name: "trivial",
    parameters: { mean: normal(0, 1) },
    data: { x: [] },
    simulate: command([python, path], options),
  });
  const started = performance.now();
  const { size } = await simulate(model, { simulations: SIMULATIONS, seed: 1, workers });
  const rate = size / ((performance.now() - started) / 1000);
  console.log(
    `${(options.format ?? "json").padEnd(5)}${workers} process(es): ${Math.round(rate)} simulations a second`,
  );
}

const python = process.env["AMORTIS_PYTHON"] ?? "python3";
for (const workers of [1, 2]) await measure("trivial.py", {}, workers);
if (spawnSync(python, ["-c", "import numpy"]).status === 0) {
  for (const workers of [1, 2]) await measure("batches.py", { format: "npy" }, workers);
} else {
  console.log(`npy: ${python} has no NumPy`);
}
