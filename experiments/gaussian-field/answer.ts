/**
 * Time to a first answer from a cold start, and time of many answers.
 *
 *     npm run experiment:answer -- FILE.amortis [--rounds 9]
 *
 * Cold: a new Node process loads the library and a saved estimator, and returns 1,000 posterior draws of one field; the time is that of the whole
 * process, and, within it, that from the first import to the draws. Many: 1,000 draws for each of 1,000 fields, in one warm process.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "9" } },
});
const [file] = positionals;
if (file === undefined)
  throw new Error("which estimator? npm run experiment:answer -- FILE.amortis");

const library = new URL("../../packages/amortis/dist/index.js", import.meta.url).href;
const fields = fileURLToPath(
  new URL("../../models/gaussian-field/data/fields.npy", import.meta.url),
);

const ONE = `
const started = performance.now();
const { load, readData } = await import(${JSON.stringify(library)});
const estimator = await load(${JSON.stringify(file)});
const { data } = await readData(${JSON.stringify(fields)});
const posterior = await estimator.given({ z: data.subarray(0, 256) }, { samples: 1000 });
if (posterior.draws.length !== 1000) throw new Error("1,000 draws were expected");
console.log(performance.now() - started);`;

const MANY = `
const { load, readData } = await import(${JSON.stringify(library)});
const estimator = await load(${JSON.stringify(file)});
const { data } = await readData(${JSON.stringify(fields)});
const z = new Float32Array(1000 * 256);
for (let i = 0; i < 10; i++) z.set(data, i * data.length);
await estimator.givenBatch({ z: z.subarray(0, 512) }, { samples: 1000 });
const started = performance.now();
const posteriors = await estimator.givenBatch({ z }, { samples: 1000 });
if (posteriors.draws.length !== 1000000) throw new Error("a million draws were expected");
console.log(performance.now() - started);`;

function run(script: string): { readonly inside: number; readonly whole: number } {
  const started = performance.now();
  const result = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return { inside: Number(result.stdout), whole: performance.now() - started };
}

const median = (numbers: readonly number[]): string =>
  (numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN).toFixed(0);

const rounds = Array.from({ length: Number(values.rounds) });
const cold = rounds.map(() => run(ONE));
const many = rounds.map(() => run(MANY));
console.log(
  `cold start to 1,000 draws of one field: ${median(cold.map((r) => r.inside))} ms from the first import, ${median(cold.map((r) => r.whole))} ms for the whole process`,
);
console.log(`1,000 draws for each of 1,000 fields: ${median(many.map((r) => r.inside))} ms`);
