/**
 * Writes the golden files, into `files` beside this script: estimators, checkpoints, and what they answered.
 *
 *     npx tsx packages/amortis/test/golden-files/write.ts
 *
 * Ran on commit f31d579 (0.1.0, file version 1, linux x64, onnxruntime-node 1.30), to whose tree this folder was copied. Golden files are
 * never written again by a later library: they are what users have. For a new version of the format, or a new kind of file, add cases and
 * write those alone: names given as arguments are written, and no others.
 */
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { saveDataSet, simulate, train } from "../../src/index.js";
import { stopAfter } from "../training/stop-after.js";
import { answersOf, posteriorsOf, questionFor } from "./answers.js";
import { CASES, TRAINING, type Case } from "./cases.js";
import { line } from "./models.js";

const folder = join(import.meta.dirname, "files");

async function write(one: Case): Promise<void> {
  const method = await one.method(folder);
  const options = { ...TRAINING, ...one.training };
  const path = join(folder, one.name);
  const checkpoint = one.checkpoint && `${path}.checkpoint`;
  if (checkpoint !== undefined) {
    await rm(checkpoint, { force: true });
    await (await train(method, { ...options, ...stopAfter(1), checkpoint })).release();
    await copyFile(checkpoint, `${checkpoint}.kept`);
  }
  const fitted = await train(method, { ...options, ...(checkpoint && { checkpoint }) });
  if (checkpoint !== undefined) {
    await copyFile(`${checkpoint}.kept`, checkpoint);
    await rm(`${checkpoint}.kept`);
    if (fitted.details.training.bestEpoch < 2)
      throw new Error(`${one.name}: its best is in the checkpoint`);
  }
  await fitted.save(`${path}.amortis`);
  const question = await questionFor(one.model);
  const answers = await answersOf(fitted, one.model, question);
  const posteriors = one.withoutPosterior
    ? undefined
    : await posteriorsOf(fitted, one.model, question);
  const kept = { question, answers, ...(posteriors && { posteriors }) };
  await writeFile(`${path}.json`, `${JSON.stringify(kept, undefined, 1)}\n`);
  await fitted.release();
}

await mkdir(folder, { recursive: true });
const wanted = process.argv.slice(2);
for (const one of CASES) {
  if (wanted.length > 0 && !wanted.includes(one.name)) continue;
  await write(one);
  console.log(one.name);
}

if (wanted.length === 0 || wanted.includes("line-simulations")) {
  const path = join(folder, "line-simulations");
  await rm(path, { recursive: true, force: true });
  const made = await simulate(line, { simulations: 48, seed: 7, workers: 0 });
  await saveDataSet(path, line, made, { seed: 7, shardSize: 20 });
  const kept = { theta: [...made.parameters], y: [...made.data.y] };
  await writeFile(`${path}.json`, `${JSON.stringify(kept)}\n`);
}
