import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tensorBoardLog } from "../../src/index.js";
import { scalarEvent, tfRecord, versionEvent } from "../../src/files/tensorboard.js";
import golden from "../fixtures/tensorboard-golden.json" with { type: "json" };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("records are those of TensorBoard's own writer", () => {
  expect(hex(tfRecord(versionEvent(1_700_000_000.5)))).toBe(golden.version);
  const scalars = { trainingLoss: -0.25, rate: 3 };
  expect(hex(tfRecord(scalarEvent(1_700_000_001.25, 300_000_000_000, scalars)))).toBe(
    golden.scalars,
  );
});

test("a log is one file in the folder of a run, a record for each call", async () => {
  const folder = await mkdtemp(join(tmpdir(), "amortis-board-"));
  const run = join(folder, "runs", "first");
  const log = tensorBoardLog(run);
  const records = [
    { step: 1, loss: 0.5, name: "no number" },
    { step: 2, loss: 0.25 },
  ];
  for (const record of records) log(record);
  const [name = "", ...others] = await readdir(run);
  expect(others).toEqual([]);
  expect(name).toMatch(/^events\.out\.tfevents\.\d+\../);
  const bytes = await readFile(join(run, name));
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length; at += 16 + (lengths.at(-1) ?? 0)) {
    lengths.push(Number(bytes.readBigUInt64LE(at)));
  }
  // wall_time 9, step 2, and a value: 2 + 2 + (2 + 4) + 5.
  expect(lengths).toEqual([24, 26, 26]);
  expect(bytes.includes("loss")).toBe(true);
  expect(bytes.includes("name")).toBe(false);
  await writeFile(join(folder, "file"), "");
  expect(() => tensorBoardLog(join(folder, "file"))).toThrow(/cannot write a log for TensorBoard/);
  await rm(folder, { recursive: true });
});
