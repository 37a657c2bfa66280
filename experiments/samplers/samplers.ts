/**
 * Effective draws a second of NUTS beside BlackJAX's, on the CPU, for the twelve posteriors with known answers.
 *
 *     npm run bench:samplers -- --python PYTHON [--draws 1000] [--only NAME]
 *
 * PYTHON has blackjax and jax (`requirements.txt`). Both run four chains on one thread, burn-in as long as the draws, one after the other; compiling does not count, burn-in does. Draws are worth what `convergence` says of
 * the worst quantity, by the same code for both. Seconds are of the processor, so that other work of the machine does not count; ours are from a warm start, as theirs are.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { convergence } from "amortis/diagnostics";
import { hmc, nuts, runChains, sliceSampler, stream, type ChainSampler } from "amortis/extend";
import type { KnownPosterior } from "../../packages/amortis/test/samplers/known-posterior.js";
import { knownPosteriors } from "../../packages/amortis/test/samplers/known-posteriors.js";

const CHAINS = 4;
const GOLDEN = new URL(
  "../../packages/amortis/test/fixtures/known-posteriors-golden.json",
  import.meta.url,
).pathname;
const SCRIPT = new URL("blackjax_nuts.py", import.meta.url).pathname;

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    draws: { type: "string", default: "1000" },
    only: { type: "string" },
  },
});
const draws = Number(values.draws);

/** What a run made, and what it cost. */
interface Run {
  /** Draws [chains, draws, k]. */
  readonly theta: ArrayLike<number>;
  readonly processor: number;
  readonly divergences: number;
}

/** Effective draws of the worst quantity, its R-hat, and the largest error of a mean in its own standard errors. */
function worthOf({ of, known, k }: KnownPosterior, theta: ArrayLike<number>) {
  const rows = Array.from({ length: CHAINS * draws }, (_, i) =>
    of(Float64Array.from({ length: k }, (_j, j) => theta[i * k + j] ?? NaN)),
  );
  let [ess, rHat, off] = [Infinity, 0, 0];
  for (const [j, { plain }] of known.entries()) {
    const chains = Array.from({ length: CHAINS }, (_c, c) =>
      Float64Array.from({ length: draws }, (_i, i) => rows[c * draws + i]?.[j] ?? NaN),
    );
    const found = convergence(chains);
    const mean = rows.reduce((sum, row) => sum + (row[j] ?? NaN), 0) / rows.length;
    const error = Math.hypot(plain.sd / Math.sqrt(found.bulkEss), plain.error);
    ess = Math.min(ess, found.bulkEss, found.tailEss);
    rHat = Math.max(rHat, found.rHat);
    off = Math.max(off, Math.abs(mean - plain.mean) / error);
  }
  return { ess, rHat, off };
}

async function ours({ target, bijection, k }: KnownPosterior, sampler: ChainSampler): Promise<Run> {
  const random = stream("starts");
  const start = Float64Array.from(
    Array.from({ length: CHAINS }, () => [
      ...bijection.forward(Float64Array.from({ length: k }, () => random.normal())),
    ]).flat(),
  );
  const run = (seed: number, iterations: number) =>
    runChains(target, sampler, {
      bijection,
      start,
      chains: CHAINS,
      iterations,
      burnIn: iterations / 2,
      seed,
    });
  await run(1, draws);
  const before = process.cpuUsage();
  const { draws: theta, divergences } = await run(2, 2 * draws);
  const { user, system } = process.cpuUsage(before);
  return { theta, processor: (user + system) / 1e6, divergences: divergences?.[0] ?? 0 };
}

function blackjax(name: string, python: string, folder: string): Run {
  const out = join(folder, "draws.f32");
  const said = execFileSync(
    python,
    [SCRIPT, GOLDEN, name, String(draws), String(draws), String(CHAINS), out],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const { processor, divergences } = JSON.parse(said.toString()) as Omit<Run, "theta">;
  const bytes = readFileSync(out);
  return { theta: new Float32Array(new Uint8Array(bytes).buffer), processor, divergences };
}

const folder = mkdtempSync(join(tmpdir(), "amortis-samplers-"));
console.log(
  "| posterior | by | effective draws | processor seconds | a second | divergences | R-hat | errors off |\n|---|---|---|---|---|---|---|---|",
);
try {
  for (const posterior of knownPosteriors.filter(({ name }) => (values.only ?? name) === name)) {
    const runs: (readonly [string, () => Run | Promise<Run>])[] = [
      ["nuts", () => ours(posterior, nuts())],
      ["nuts, diagonal", () => ours(posterior, nuts({ rank: 0 }))],
      ["hmc", () => ours(posterior, hmc())],
      ["slices", () => ours(posterior, sliceSampler())],
    ];
    const { python } = values;
    if (python !== undefined)
      runs.push(["BlackJAX nuts", () => blackjax(posterior.name, python, folder)]);
    for (const [by, run] of runs) {
      const made = await run();
      const { ess, rHat, off } = worthOf(posterior, made.theta);
      const cells = [
        posterior.name,
        by,
        ess.toFixed(0),
        made.processor.toFixed(2),
        (ess / made.processor).toFixed(0),
        made.divergences,
        rHat.toFixed(3),
        off.toFixed(1),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
