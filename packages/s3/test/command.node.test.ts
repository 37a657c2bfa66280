/**
 * The command line with a store: simulating, in parts and by workers of a queue, and training.
 */
import { simulate, openDataSet } from "amortis";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RedisServer, SERVER } from "../../queue/test/redis.js";
import { s3Folder } from "../src/index.js";
import { line } from "./models.js";
import { startStore, type Store } from "./store-server.js";

const BIN = fileURLToPath(new URL("../../amortis/bin/amortis.js", import.meta.url));
const MODEL = fileURLToPath(new URL("models.ts", import.meta.url));

let store: Store | undefined;
let root = "";
beforeAll(async () => {
  store = await startStore();
  root = await mkdtemp(join(tmpdir(), "amortis-s3-"));
  process.env["AWS_ENDPOINT_URL_S3"] = store.endpoint;
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
});
afterAll(async () => {
  await store?.close();
  await rm(root, { recursive: true });
});

async function amortis(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, ...args]);
  return stdout;
}

const asked = ["--n", "200", "--shard-size", "25", "--seed", "3", "--quiet"];
const alone = () => simulate(line, { simulations: 200, seed: 3, workers: 0 });
const stored = async (url: string) => (await openDataSet(s3Folder(url))).read();

it("simulates into it, reads and trains from it", async () => {
  const url = "s3://bucket/command";
  const said = await amortis("simulate", MODEL, ...asked, "--workers", "1", "--out", url);
  expect(said).toContain(`${url}: `);
  expect(await stored(url)).toEqual(await alone());
  const out = join(root, "line.amortis");
  const settings = ["--method", "nbe", "--epochs", "2", "--threads", "1", "--quiet", "--json"];
  for (const how of [[], ["--stream"]]) {
    const json = await amortis("train", MODEL, "--data", url, ...how, "--out", out, ...settings);
    expect(JSON.parse(json)).toMatchObject({ method: "nbe", epochs: 2 });
  }
});

it("is filled by the tasks of a batch system", async () => {
  const url = "s3://bucket/parts";
  await Promise.all(
    ["0/2", "1/2"].map((shard) =>
      amortis("simulate", MODEL, ...asked, "--workers", "1", "--out", url, "--shard", shard),
    ),
  );
  expect(await stored(url)).toEqual(await alone());
});

it.runIf(SERVER !== undefined)("is filled by the workers of a queue", async () => {
  const server = await RedisServer.start(root);
  const url = "s3://bucket/queue";
  const worker = spawn(
    process.execPath,
    [BIN, "worker", "--queue", server.url, "--workers", "1", "--quiet"],
    { stdio: "ignore" },
  );
  await amortis("simulate", MODEL, ...asked, "--out", url, "--queue", server.url);
  expect(await stored(url)).toEqual(await alone());
  const ended = once(worker, "exit");
  worker.kill("SIGKILL");
  await ended;
  await server.kill();
});
