/**
 * Simulations a second by a queue, beside threads of one process: `npm run bench:queue`. Needs a redis-server or valkey-server.
 *
 * The simulator takes about 0.2 ms. A worker of the queue is a process with one thread that simulates. The overhead of a shard is measured with shards of one
 * simulation.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { queueSimulations } from "@amortis/queue";
import { loadModel, simulateToDirectory } from "amortis";
import { RedisServer } from "../../packages/queue/test/redis.js";

const BIN = fileURLToPath(new URL("../../packages/amortis/bin/amortis.js", import.meta.url));
const MODEL = fileURLToPath(new URL("model.ts", import.meta.url));
const SIMULATIONS = 40_000;

async function startWorkers(url: string, count: number): Promise<readonly ChildProcess[]> {
  const args = [BIN, "worker", "--queue", url, "--workers", "1"];
  const started = Array.from({ length: count }, () =>
    spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] }),
  );
  for (const { stderr } of started) {
    await once(stderr, "data");
    stderr.resume();
  }
  return started;
}

/** Seconds that the queue takes; the first run has the workers load the model. */
async function timed(url: string, simulations: number, shardSize: number): Promise<number> {
  const model = await loadModel(MODEL);
  const directory = join(root, `queue-${performance.now()}`);
  const started = performance.now();
  await queueSimulations(url, model, { model: MODEL, directory, simulations, seed: 1, shardSize });
  return (performance.now() - started) / 1000;
}

const root = mkdtempSync(join(tmpdir(), "amortis-queue-"));
const server = await RedisServer.start(root);
try {
  for (const workers of [1, 2]) {
    const started = performance.now();
    const options = { simulations: SIMULATIONS, seed: 1, workers, shardSize: 1_000 };
    await simulateToDirectory(await loadModel(MODEL), join(root, `threads-${workers}`), options);
    const seconds = (performance.now() - started) / 1000;
    console.log(`${workers} thread(s): ${Math.round(SIMULATIONS / seconds)} simulations a second`);
  }
  for (const count of [1, 2, 4]) {
    const workers = await startWorkers(server.url, count);
    await timed(server.url, 2_000, 100);
    const seconds = await timed(server.url, SIMULATIONS, 1_000);
    console.log(`${count} worker(s): ${Math.round(SIMULATIONS / seconds)} simulations a second`);
    if (count === 1) {
      const each = (await timed(server.url, 500, 1)) / 500;
      console.log(`a shard of one simulation: ${(1000 * each).toFixed(1)} ms`);
    }
    for (const worker of workers) worker.kill("SIGKILL");
  }
} finally {
  await server.kill();
  rmSync(root, { recursive: true });
}
