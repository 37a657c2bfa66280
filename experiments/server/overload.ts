/**
 * The server under more than it can take, from clients that mean well and clients that do not: is anything that it accepted lost, does it crash, does its memory grow?
 *
 *     npm run bench:overload                         ten minutes
 *     npm run bench:overload -- --seconds 60 --connections 256 --queue 64
 *
 * Well-meaning clients ask as fast as they are answered; each of their requests must be answered, by 200, or by 429 or 503 with Retry-After. Beside them: junk, bodies that are too large,
 * of other types or shapes, or trickle in; requests whose client is gone before the answer; connections that say nothing. At the end, SIGTERM under load: what was accepted is answered.
 */
import { connect } from "node:net";
import { mkdtempSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stream } from "amortis";
import { requestOf } from "./load.js";
import { fieldBody, fieldEstimator, loadFrom, residentOf, startOurs, stop } from "./processes.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    connections: { type: "string", default: "256" },
    hostile: { type: "string", default: "16" },
    queue: { type: "string", default: "64" },
  },
});
const seconds = Number(values.seconds);
const file = await fieldEstimator(mkdtempSync(join(tmpdir(), "amortis-overload-")));
const limits = ["--queue", values.queue, "--max-body", "100000", "--timeout", "10"];
const server = await startOurs(file, limits);
const url = `${server.url}/v1/estimators/field/infer`;
const { hostname, port } = new URL(url);
const good = requestOf({ url, body: fieldBody(1_000, false) });
const random = stream(1);

const head = (length: number, type = "application/json"): string =>
  `POST /v1/estimators/field/infer HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;

const junk = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(256 * random.uniform())));

/** What hostile clients send, and whether they go at once. */
const HOSTILE: readonly (() => { readonly bytes: Buffer; readonly leave: boolean })[] = [
  () => ({ bytes: good, leave: true }),
  () => ({ bytes: junk(2_000), leave: false }),
  () => ({ bytes: Buffer.concat([Buffer.from(head(2_000)), junk(2_000)]), leave: false }),
  () => ({ bytes: Buffer.from(`${head(10_000_000)}${"[".repeat(50_000)}`), leave: false }),
  () => ({ bytes: Buffer.from(`${head(13)}{"data":null}`), leave: false }),
  () => ({ bytes: Buffer.from(`${head(20)}{"data":[[1],[2,3]]}`), leave: false }),
  () => ({
    bytes: Buffer.concat([Buffer.from(head(1_000, "application/x-npy")), junk(1_000)]),
    leave: false,
  }),
  () => ({ bytes: Buffer.from(head(5_000)), leave: false }),
  () => ({ bytes: Buffer.from(`${head(5_000)}{`), leave: true }),
  () => ({ bytes: Buffer.alloc(0), leave: false }),
];

/** Milliseconds after which a hostile client that is not answered goes. */
const PATIENCE = 3_000;

async function molest(until: number): Promise<number> {
  let count = 0;
  while (performance.now() < until) {
    const { bytes, leave } = (
      HOSTILE[Math.floor(random.uniform() * HOSTILE.length)] ?? HOSTILE[0]
    )?.() ?? {
      bytes: good,
      leave: true,
    };
    await new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.on("error", () => {});
      socket.on("close", () => {
        resolve();
      });
      socket.on("data", () => socket.destroy());
      socket.setTimeout(PATIENCE, () => socket.destroy());
      socket.write(bytes, () => {
        if (leave) setTimeout(() => socket.destroy(), 5 * random.uniform());
      });
    });
    count++;
  }
  return count;
}

console.log(
  `${seconds} s, ${values.connections} connections beside ${values.hostile} hostile ones, queue ${values.queue}`,
);
const until = performance.now() + 1_000 * seconds;
const memory: number[] = [];
const sampler = setInterval(() => memory.push(residentOf(server.child.pid)), 500);
const hostile = Promise.all(Array.from({ length: Number(values.hostile) }, () => molest(until)));
const result = await loadFrom({
  url,
  body: fieldBody(1_000, false),
  connections: Number(values.connections),
  seconds,
});
const molested = (await hostile).reduce((a, b) => a + b, 0);
clearInterval(sampler);

// The end, under load.
const last = loadFrom({ url, body: fieldBody(1_000, false), connections: 64, seconds: 5 });
await new Promise((resolve) => setTimeout(resolve, 3_000));
const code = await stop(server);
const ended = await last;

const mean = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
const fifth = Math.floor(memory.length / 5);
const [early, late] = [mean(memory.slice(fifth, 2 * fifth)), mean(memory.slice(-fifth))];
console.log(
  `answered: ${JSON.stringify(result.statuses)}, ${result.perSecond.toFixed(0)} a second, p99 ${result.p99.toFixed(0)} ms; lost: ${result.lost}`,
);
console.log(`hostile connections: ${molested}`);
console.log(
  `resident memory: ${early.toFixed(0)} MB in the second fifth, ${late.toFixed(0)} MB in the last: ${((100 * (late - early)) / early).toFixed(1)} %`,
);
console.log(`SIGTERM under load: status ${code}; ${JSON.stringify(ended.statuses)}`);
console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
process.exitCode = result.lost === 0 && code === 0 ? 0 : 1;
