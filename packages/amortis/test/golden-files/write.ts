/**
 * Writes golden files, into folders beside this script: estimators, checkpoints, and what they answered.
 *
 *     npx tsx packages/amortis/test/golden-files/write.ts [files-2/NAME ...]
 *
 * Those of version 1 (`files`) were written on commit f31d579 (0.1.0, linux x64, onnxruntime-node 1.30), to whose tree this folder was copied; those of version 2
 * (`files-2`) when there came to be a version 2. Golden files are never written again by a later library: they are what users have. For a new version of the
 * format, or a new kind of file, add cases and write those alone: what is given as arguments is written, and nothing else; without arguments, what is not there.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { saveDataSet, simulate, train } from "../../src/index.js";
import { stopAfter } from "../training/stop-after.js";
import { answersOf, posteriorsOf, questionFor } from "./answers.js";
import { TRAINING, type Case } from "./case.js";
import { CASES } from "./cases.js";
import { CASES_2 } from "./cases-2.js";
import { line } from "./models.js";

async function write(one: Case, folder: string): Promise<void> {
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

const wanted = process.argv.slice(2);

function isWanted(name: string): boolean {
  if (wanted.length > 0) return wanted.includes(name);
  return !existsSync(join(import.meta.dirname, `${name}.json`));
}

for (const [name, cases] of [
  ["files", CASES],
  ["files-2", CASES_2],
] as const) {
  const folder = join(import.meta.dirname, name);
  await mkdir(folder, { recursive: true });
  for (const one of cases) {
    if (!isWanted(`${name}/${one.name}`)) continue;
    await write(one, folder);
    console.log(`${name}/${one.name}`);
  }
}

if (isWanted("files/line-simulations")) {
  const path = join(import.meta.dirname, "files", "line-simulations");
  await rm(path, { recursive: true, force: true });
  const made = await simulate(line, { simulations: 48, seed: 7, workers: 0 });
  await saveDataSet(path, line, made, { seed: 7, shardSize: 20 });
  const kept = { theta: [...made.parameters], y: [...made.data.y] };
  await writeFile(`${path}.json`, `${JSON.stringify(kept)}\n`);
}
