/** How peers are timed: as experiments/engine/time-training.ts times the engine. */

import { existsSync, readFileSync } from "node:fs";

/** Numbers that are nothing special, the same in each program. */
export function numbers(count, seed = 1) {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Weights of a layer. */
export function weights(sizes, seed) {
  const scale = Math.sqrt(2 / sizes.slice(0, -1).reduce((a, b) => a * b, 1));
  return numbers(
    sizes.reduce((a, b) => a * b, 1),
    seed,
  ).map((x) => x * scale);
}

/** The most memory that this process had at once: Linux counts what it inherits in its resource usage. */
function peakMegabytes() {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024;
}

/** Median and least of five blocks of steps, each of about 0.3 s; prints one JSON line. */
export async function report(step) {
  const run = async (steps) => {
    const before = performance.now();
    for (let i = 0; i < steps; i++) await step();
    return (performance.now() - before) / steps;
  };
  const firstMs = await run(1);
  await run(20);
  const steps = Math.max(3, Math.round(300 / (await run(10))));
  const times = [];
  for (let i = 0; i < 5; i++) times.push(await run(steps));
  times.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      msPerStep: times[2],
      msPerStepMin: times[0],
      firstMs,
      peakRssMb: peakMegabytes(),
    }),
  );
}
