/**
 * Training from disk: its largest memory and its speed, beside training in memory, for a folder that grows.
 *
 *     npm run bench:streaming                  0.25, 0.5 and 1 GB
 *     npm run bench:streaming -- 1 10 30       other sizes; in memory only up to 1 GB
 *
 * Each training is a process of its own. Those in memory and from disk take turns, three times, at the largest size that has both.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simulateToDirectory } from "amortis";
import { line } from "./model.js";

/** Bytes of a simulation on disk. */
const BYTES = 8 * 1000 + 8 * 2 + 9;
const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(0.25, 0.5, 1);

interface Measured {
  readonly stepsPerSecond: number;
  readonly peakMiB: number;
}

function measure(folder: string, how: "memory" | "stream"): Measured {
  const script = fileURLToPath(new URL("train.ts", import.meta.url));
  const output = execFileSync(process.execPath, ["--import", "tsx", script, folder, how, "2"]);
  const measured: Measured = JSON.parse(String(output));
  return measured;
}

function say(size: number, how: string, { stepsPerSecond, peakMiB }: Measured): void {
  console.log(
    `${size} GB, ${how}: ${stepsPerSecond.toFixed(1)} steps a second, at most ${Math.round(peakMiB)} MiB`,
  );
}

const root = mkdtempSync(join(tmpdir(), "amortis-streaming-"));
const folder = join(root, "data");
try {
  for (const size of sizes) {
    const simulations = Math.round((size * 1e9) / BYTES);
    await simulateToDirectory(line, folder, { simulations, seed: 1 });
    say(size, "from disk", measure(folder, "stream"));
    if (size > 1) continue;
    const again = size === Math.max(...sizes.filter((one) => one <= 1)) ? 3 : 1;
    for (let i = 0; i < again; i++) {
      say(size, "in memory", measure(folder, "memory"));
      if (again > 1) say(size, "from disk", measure(folder, "stream"));
    }
  }
} finally {
  rmSync(root, { recursive: true });
}
