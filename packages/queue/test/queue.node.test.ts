/**
 * A real server, and workers that are processes of their own.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadModel, openDataSet, simulate, type AnyModel, type SimulatedData } from "amortis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { queueSimulations, queueStatus, type QueueOptions } from "../src/index.js";
import { RedisServer, SERVER } from "./redis.js";

const BIN = fileURLToPath(new URL("../../amortis/bin/amortis.js", import.meta.url));
const MODELS = fileURLToPath(new URL("fixtures/models.ts", import.meta.url));

let root = "";
let server: RedisServer | undefined;
let url = "";
const workers = new Set<ChildProcess>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-queue-"));
  if (SERVER === undefined) return;
  server = await RedisServer.start(root);
  ({ url } = server);
});
afterEach(async () => {
  await Promise.all([...workers].map(killed));
});
afterAll(async () => {
  await server?.kill();
  await rm(root, { recursive: true });
});

async function startWorker(): Promise<ChildProcess> {
  const args = [BIN, "worker", "--queue", url, "--workers", "1", "--lock", "1"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  workers.add(child);
  // It says that it waits, once it does.
  await once(child.stderr, "data");
  child.stderr.resume();
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  workers.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

const settings = { simulations: 240, seed: 6, shardSize: 12 };

function queued(model: AnyModel, directory: string, options: QueueOptions = {}): Promise<void> {
  const run = { ...settings, model: `${MODELS}#${model.name}`, directory };
  return queueSimulations(url, model, run, { backOff: 50, ...options });
}

/** Waits until there are so many shards. */
async function shardsIn(directory: string, count: number): Promise<void> {
  for (;;) {
    const names = await readdir(`${directory}/shards`).catch(() => []);
    if (names.length >= count) return;
    await setTimeout(10);
  }
}

/** What one process makes of the same. */
function alone(model: AnyModel): Promise<SimulatedData> {
  const { simulations, seed } = settings;
  return simulate(model, { simulations, seed, workers: 0 });
}

async function stored(directory: string): Promise<SimulatedData> {
  return (await openDataSet(directory)).read();
}

describe.runIf(SERVER !== undefined)("a queue", () => {
  it("is worked on by several processes, with the bits of one", async () => {
    const model = await loadModel(MODELS, "steady");
    const directory = join(root, "several");
    await Promise.all([startWorker(), startWorker()]);
    const seen: number[] = [];
    await queued(model, directory, { onProgress: ({ done }) => seen.push(done) });
    expect(seen.at(-1)).toBe(20);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(await queueStatus(url)).toEqual([]);
    expect(await stored(directory)).toEqual(await alone(model));
  });

  it("loses nothing where a worker is killed", async () => {
    const model = await loadModel(MODELS, "steady");
    const directory = join(root, "killed");
    const run = queued(model, directory);
    const first = await startWorker();
    await shardsIn(directory, 6);
    const [status] = await queueStatus(url);
    expect(status).toMatchObject({ shards: 20, poisoned: [] });
    await killed(first);
    await startWorker();
    await run;
    expect(await stored(directory)).toEqual(await alone(model));
  });

  it("goes on where its server is killed and started again", async () => {
    const model = await loadModel(MODELS, "steady");
    const directory = join(root, "server");
    await startWorker();
    const run = queued(model, directory);
    await shardsIn(directory, 5);
    await server?.kill();
    await setTimeout(500);
    await server?.start();
    await run;
    expect(await stored(directory)).toEqual(await alone(model));
  });

  it("sets aside what fails each time, and lists it", async () => {
    const model = await loadModel(MODELS, "poison");
    const directory = join(root, "poison");
    await startWorker();
    await expect(queued(model, directory, { attempts: 2 })).rejects.toThrow(
      /of 20 shards failed each time and were set aside \(.*"y", which is no data of the model/u,
    );
    const [status] = await queueStatus(url);
    const poisoned = status?.poisoned ?? [];
    expect(poisoned.length).toBeGreaterThan(0);
    expect(poisoned.every(({ attempts }) => attempts === 2)).toBe(true);
    expect((status?.done ?? 0) + poisoned.length).toBe(20);
  });
});

it("options that nothing reads are errors", async () => {
  const model = await loadModel(MODELS, "steady");
  const run = { model: MODELS, directory: join(root, "unread"), simulations: 10, seed: 1 };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as plain JavaScript gives them
  const loose = { atempts: 3 } as QueueOptions;
  await expect(queueSimulations("redis://127.0.0.1:1", model, run, loose)).rejects.toThrow(
    /queueSimulations has no option "atempts"; it has attempts, backOff, openFolder, signal, onProgress/u,
  );
});

it("a server that is not there is said so", async () => {
  await expect(queueStatus("redis://127.0.0.1:1")).rejects.toThrow(
    /^cannot reach the queue at 127.0.0.1:1: /u,
  );
  await expect(queueStatus("localhost")).rejects.toThrow(/URL of its server, such as redis/u);
});
