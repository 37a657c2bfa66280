/**
 * A real server, and workers that are processes of their own.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { loadModel, openDataSet, simulate, type AnyModel, type SimulatedData } from "amortis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { queueSimulations, queueStatus, type QueueOptions } from "../src/index.js";
import { SERVER } from "./redis.js";
import { MODELS, Workplace } from "./workplace.js";

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open("queue", 1);
});
afterEach(() => place.killAll());
afterAll(() => place.close());

const settings = { simulations: 240, seed: 6, shardSize: 12 };

function queued(model: AnyModel, directory: string, options: QueueOptions = {}): Promise<void> {
  const run = { ...settings, model: `${MODELS}#${model.name}`, directory };
  return queueSimulations(place.url, model, run, { backOff: 50, ...options });
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
    const directory = join(place.root, "several");
    await Promise.all([place.startWorker(), place.startWorker()]);
    const seen: number[] = [];
    await queued(model, directory, { onProgress: ({ done }) => seen.push(done) });
    expect(seen.at(-1)).toBe(20);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(await queueStatus(place.url)).toEqual([]);
    expect(await stored(directory)).toEqual(await alone(model));
  });

  it("loses nothing where a worker is killed", async () => {
    const model = await loadModel(MODELS, "steady");
    const directory = join(place.root, "killed");
    const run = queued(model, directory);
    const first = await place.startWorker();
    await shardsIn(directory, 6);
    const [status] = await queueStatus(place.url);
    expect(status).toMatchObject({ shards: 20, poisoned: [] });
    await place.kill(first);
    await place.startWorker();
    await run;
    expect(await stored(directory)).toEqual(await alone(model));
  });

  it("goes on where its server is killed and started again", async () => {
    const model = await loadModel(MODELS, "steady");
    const directory = join(place.root, "server");
    await place.startWorker();
    const run = queued(model, directory);
    await shardsIn(directory, 5);
    await place.server?.kill();
    await setTimeout(500);
    await place.server?.start();
    await run;
    expect(await stored(directory)).toEqual(await alone(model));
  });

  it("sets aside what fails each time, and lists it", async () => {
    const model = await loadModel(MODELS, "poison");
    const directory = join(place.root, "poison");
    await place.startWorker();
    await expect(queued(model, directory, { attempts: 2 })).rejects.toThrow(
      /of 20 shards failed each time and were set aside \(.*"y", which is no data of the model/u,
    );
    const [status] = await queueStatus(place.url);
    const poisoned = status?.poisoned ?? [];
    expect(poisoned.length).toBeGreaterThan(0);
    expect(poisoned.every(({ attempts }) => attempts === 2)).toBe(true);
    expect((status?.done ?? 0) + poisoned.length).toBe(20);
  });
});

it("options that nothing reads are errors", async () => {
  const model = await loadModel(MODELS, "steady");
  const run = { model: MODELS, directory: join(place.root, "unread"), simulations: 10, seed: 1 };
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
