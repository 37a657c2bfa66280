/**
 * One training of ours in a process of its own, so that processor time and memory are its own: prints a line of JSON.
 *
 *     tsx experiments/training/ours.ts TASK SIMULATIONS THREADS [SECONDS]
 *
 * With SECONDS it is stopped after so much processor time, as a user's Ctrl-C would stop it.
 */
import { npe, train } from "amortis";
import { expectedLogDensity } from "amortis/diagnostics";
import { freshData, modelOf, trainingData } from "./tasks.js";

const [task = "", simulations, threads, limit] = process.argv.slice(2);
const model = modelOf(task);
const data = await trainingData(task, Number(simulations));
const stop = new AbortController();
const cpu = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};
const [start, clock] = [process.cpuUsage(), performance.now()];
const fitted = await train(npe(model), {
  data,
  seed: 1,
  threads: Number(threads),
  signal: stop.signal,
  onWarning: () => {},
  onProgress: () => {
    if (limit !== undefined && cpu(start) >= Number(limit)) stop.abort();
  },
});
const measured = {
  cpu: cpu(start),
  wall: (performance.now() - clock) / 1000,
  rss: process.resourceUsage().maxRSS / 1024,
};
const { value, standardError } = await expectedLogDensity(fitted, await freshData(task));
console.log(JSON.stringify({ ...measured, score: value, standardError }));
process.exit(0);
