/**
 * Others' clients against a running server: NVIDIA's of the Open Inference Protocol, and Schemathesis on what the OpenAPI document says.
 *
 *     python -m venv venv && venv/bin/pip install -r packages/server/scripts/requirements.txt
 *     npx tsx packages/server/scripts/check-clients.ts venv/bin [--examples 50]
 */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defineModel, missing, nbe, normal, npe, train, uniform } from "amortis";
import { serve } from "@amortis/server";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { examples: { type: "string", default: "50" } },
});
const [bin] = positionals;
if (bin === undefined) throw new Error("name the folder of python and schemathesis: venv/bin");

const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0.1, 2) },
  data: { y: [4] },
  simulate: ({ slope, noise }, random) => ({
    y: Array.from({ length: 4 }, (_, i) => slope * i + noise * random.normal()),
  }),
});

const gappy = defineModel({
  name: "gappy",
  parameters: { level: normal(0, 1) },
  data: { y: missing([3]), z: [] },
  simulate: ({ level }, random) => ({
    y: Array.from({ length: 3 }, () => (random.uniform() < 0.2 ? Number.NaN : level)),
    z: level + random.normal(),
  }),
});

const folder = mkdtempSync(join(tmpdir(), "amortis-clients-"));
const few = { simulations: 400, epochs: 2, workers: 0, seed: 1, onWarning: () => {} };
const files = ["line", "point", "gappy"].map((name) => join(folder, `${name}.amortis`));
const estimators = [
  await train(npe(line), few),
  await train(nbe(line), few),
  await train(npe(gappy), few),
];
for (const [i, estimator] of estimators.entries()) await estimator.save(files[i] ?? "");

const server = await serve(files, { port: 0, log: false, limits: { samples: 1_000 } });
let failed = 0;
for (const [command, args] of [
  ["python", [join(import.meta.dirname, "check_triton.py"), new URL(server.url).host, "line"]],
  [
    "schemathesis",
    [
      "--config-file",
      join(import.meta.dirname, "schemathesis.toml"),
      "run",
      `${server.url}/openapi.json`,
      "--max-examples",
      values.examples,
      "--no-color",
    ],
  ],
] as const) {
  // The server answers in threads of this process: it must not be held up.
  failed += await run(join(bin, command), args);
}
await server.close();
process.exitCode = failed === 0 ? 0 : 1;

/** Runs a program to its end, and says whether it failed. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", cwd: folder });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve(code === 0 ? 0 : 1);
    });
  });
}
