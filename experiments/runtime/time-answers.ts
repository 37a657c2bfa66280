/** Times the answers of one estimator on one runtime, in this process or page. */
import type { Runtime } from "@amortis/graph";
import { load, stream } from "amortis";

const SETS = 200;
const DRAWS = 1_000;
const SINGLES = 40;

/** Milliseconds: the first answer since the file was read, one data set, and 200 of them, with 1,000 draws each. */
export interface AnswerTimes {
  readonly firstMs: number;
  readonly singleMs: number;
  readonly batchMs: number;
}

/** @throws Error where the file holds no posterior. */
export async function timeAnswers(bytes: Uint8Array, runtime: Runtime): Promise<AnswerTimes> {
  const started = performance.now();
  const estimator = await load(bytes, { runtime, threads: 1, onWarning: () => undefined });
  if (!("givenBatch" in estimator)) throw new Error("the file holds no posterior");
  const [entry] = Object.entries(estimator.dataShapes);
  if (entry === undefined) throw new Error("the file takes no data");
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
  return { firstMs, singleMs, batchMs: performance.now() - batch };
}
