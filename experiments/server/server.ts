/**
 * The server under load: requests a second and their latency, one field and so many draws each, with and without batching, and the same inference by sbi behind FastAPI.
 *
 *     npm run bench:server                                              ours
 *     npm run bench:server -- --peer VENV/bin/python                    beside sbi's, in the same run (experiments/server/requirements.txt)
 *     npm run bench:server -- --seconds 10 --connections 1,16,256 --samples 1000 --draws
 *
 * The load comes from a second process on the same machine, whose processors the server shares with it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  announced,
  fieldBody,
  fieldEstimator,
  loadFrom,
  startOurs,
  stop,
  type Started,
} from "./processes.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "1,16,256" },
    samples: { type: "string", default: "1000" },
    threads: { type: "string", default: String(availableParallelism()) },
    draws: { type: "boolean", default: false },
    peer: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const connections = values.connections.split(",").map(Number);
const body = fieldBody(Number(values.samples), values.draws);
const folder = mkdtempSync(join(tmpdir(), "amortis-bench-"));
const file = await fieldEstimator(folder);

console.log(
  `${values.samples} draws of one field a request, ${values.threads} threads, ${seconds} s each; load average before ${loadavg()[0]?.toFixed(1)}`,
);
console.log("| server | connections | requests/s | p50 ms | p99 ms | others than 200, lost |");
console.log("|---|---|---|---|---|---|");
const ours = "/v1/estimators/field/infer";
const threads = ["--threads", values.threads];
await measure("amortis", await startOurs(file, threads), ours);
await measure("amortis --batch 1", await startOurs(file, [...threads, "--batch", "1"]), ours);
if (values.peer !== undefined)
  await measure("FastAPI, sbi", await startPeer(values.peer), "/infer");
console.log(`load average after ${loadavg()[0]?.toFixed(1)}`);

/** Measures a server, and ends it. */
async function measure(name: string, server: Started, path: string): Promise<void> {
  const url = `${server.url}${path}`;
  await loadFrom({ url, body, connections: 8, seconds: Math.min(2, seconds) });
  for (const count of connections) {
    const result = await loadFrom({ url, body, connections: count, seconds });
    const { 200: _, ...others } = result.statuses;
    const [p50, p99] = [result.p50, result.p99].map((value) => value.toFixed(1));
    console.log(
      `| ${name} | ${count} | ${result.perSecond.toFixed(0)} | ${p50} | ${p99} | ${JSON.stringify(others)}, ${result.lost} |`,
    );
  }
  await stop(server);
}

/** FastAPI around sbi, with as many processes as ours has threads. */
function startPeer(python: string): Promise<Started> {
  const child = spawn(python, [join(import.meta.dirname, "peer.py"), values.threads], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  // It says where it listens before its processes have loaded anything, and would leave the first seconds unanswered.
  const started = `(?:[^]*Application startup complete){${values.threads}}`;
  return announced(child, new RegExp(`(?<=running on )(http:\\S+)(?=${started})`, "u"));
}
