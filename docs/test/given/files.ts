/**
 * Files that commands of a page are given.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { simulate, writeSimulations } from "amortis";
import { writeNpy } from "amortis/files";
import { blocksOf } from "../blocks.js";
import { batch, line } from "./line.js";

/** The line as a program in Python. */
const PROGRAM = `import json, random, sys

for line in sys.stdin:
    request = json.loads(line)
    rng = random.Random(request["seed"])
    slope, noise = request["parameters"]["slope"], request["parameters"]["noise"]
    y = [slope * i / 20 + noise * rng.gauss(0, 1) for i in range(20)]
    print(json.dumps({"id": request["id"], "data": {"y": y}}), flush=True)
`;

/** The model of the first page, as it stands there. */
function lineModel(): string {
  const block = blocksOf("docs/guide/first-model.md").find(({ file }) => file === "line.ts");
  if (block === undefined) throw new Error("docs/guide/first-model.md has no file line.ts");
  return block.code;
}

const FILES: Readonly<Record<string, (path: string) => Promise<void> | void>> = {
  "line.ts": (path) => {
    writeFileSync(path, lineModel());
  },
  "line.amortis": async (path) => {
    const { estimator } = await import("./estimator.js");
    await estimator.save(path);
  },
  "data.csv": (path) => {
    writeFileSync(path, batch.map((row) => row.join(",")).join("\n"));
  },
  "series.json": (path) => {
    writeFileSync(path, JSON.stringify({ y: [0.2, 0.5, 0.1, 0.9, 1.4, 1.1] }));
  },
  "data.npy": (path) => writeNpy(path, { shape: [9, 20], data: Float64Array.from(batch.flat()) }),
  "sims.npz": async (path) => {
    await writeSimulations(
      path,
      line,
      await simulate(line, { simulations: 60, seed: 1, workers: 0 }),
    );
  },
  "sim.py": (path) => {
    writeFileSync(path, PROGRAM);
  },
};

/** Writes one into a folder, unless it is there: what a page makes itself stays. */
export async function writeGiven(name: string, folder: string): Promise<void> {
  const path = join(folder, name);
  if (existsSync(path)) return;
  const write = FILES[name];
  if (write === undefined) {
    throw new Error(`no file ${name} can be given; there are ${Object.keys(FILES).join(", ")}`);
  }
  await write(path);
}
