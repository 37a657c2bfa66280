/**
 * Answers of one estimator on one runtime, in this process: prints one JSON line. Run by runtime.ts.
 *
 *     tsx experiments/runtime/answer.ts FILE own|fused|native|web
 */
import { load, stream } from "amortis";
import { runtimeOf } from "./runtimes.js";

const SETS = 200;
const DRAWS = 1_000;
const SINGLES = 40;

const [file = "", name = "own"] = process.argv.slice(2);
const runtime = await runtimeOf(name);
const started = performance.now();
const estimator = await load(file, { runtime, threads: 1, onWarning: () => undefined });
if (!("givenBatch" in estimator)) throw new Error(`${file} holds no posterior`);
const [entry] = Object.entries(estimator.dataShapes);
if (entry === undefined) throw new Error(`${file} takes no data`);
const [array, shape] = entry;
const size = shape.reduce((a, b) => a * b, 1);
const values = new Float32Array(SETS * size);
stream(5).fillNormal(values);
const one = (seed: number) =>
  estimator.given({ [array]: values.subarray(0, size) }, { samples: DRAWS, seed });
await one(0);
const firstMs = performance.now() - started;
const many = () => estimator.givenBatch({ [array]: values }, { samples: DRAWS, seed: 1 });
for (let i = 1; i < SINGLES; i++) await one(i);
const before = performance.now();
for (let i = 0; i < SINGLES; i++) await one(i);
const singleMs = (performance.now() - before) / SINGLES;
await many();
const batch = performance.now();
await many();
const batchMs = performance.now() - batch;
const peakRssMb = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ firstMs, singleMs, batchMs, peakRssMb }));
