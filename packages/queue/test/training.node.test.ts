/**
 * Trainings by a real server and workers that are processes of their own: the bits of a training at home.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { load } from "amortis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPieces, piecesStatus } from "../src/index.js";
import { RedisServer, SERVER } from "./redis.js";

const BIN = fileURLToPath(new URL("../../amortis/bin/amortis.js", import.meta.url));
const MODEL = `${fileURLToPath(new URL("fixtures/models.ts", import.meta.url))}#line`;

let root = "";
let server: RedisServer | undefined;
let url = "";
const workers = new Set<ChildProcess>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-training-"));
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
  const args = [BIN, "worker", "--queue", url, "--workers", "1", "--lock", "2"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  workers.add(child);
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

async function amortis(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, ...args, "--quiet"]);
  return stdout;
}

async function weightsOf(file: string): Promise<Float32Array> {
  const estimator = await load(file);
  const { weights } = estimator.contents;
  await estimator.release();
  return weights;
}

const trained = ["train", MODEL, "--n", "200", "--epochs", "4", "--members", "3", "--workers", "1"];

describe.runIf(SERVER !== undefined)("a queue that trains", () => {
  it("trains an ensemble on several workers, of which one is killed", async () => {
    const [home, apart] = [join(root, "home.amortis"), join(root, "apart.amortis")];
    await amortis(...trained, "--out", home);
    const [first] = await Promise.all([startWorker(), startWorker()]);
    const asked = amortis(...trained, "--out", apart, "--queue", url);
    while ((await piecesStatus(url)).underWay.length === 0) await setTimeout(50);
    expect((await piecesStatus(url)).underWay[0]).toMatch(/#line, network [123] of 3$/u);
    if (first !== undefined) await killed(first);
    await asked;
    expect(await weightsOf(apart)).toEqual(await weightsOf(home));
    expect(await piecesStatus(url)).toEqual({ waiting: [], underWay: [], failed: [] });
    expect((await readdir(root)).filter((name) => name.includes("networks"))).toEqual([]);
  });

  it("searches with several workers, with the result of one machine", async () => {
    const [home, apart] = [join(root, "home"), join(root, "apart")];
    await Promise.all([startWorker(), startWorker()]);
    const config = join(root, "config.json");
    await promisify(execFile)(process.execPath, [
      "-e",
      `fs.writeFileSync(${JSON.stringify(config)}, JSON.stringify({ density: "gaussian", training: { epochs: 3 } }))`,
    ]);
    const search = [
      "tune",
      MODEL,
      "--trials",
      "3",
      "--n",
      "300",
      "--config",
      config,
      "--workers",
      "1",
    ];
    const said = await Promise.all([
      amortis(...search, "--json", "--out", home),
      amortis(...search, "--json", "--out", apart, "--queue", url, "--at-once", "2"),
    ]);
    const [one, other] = said.map((text) => {
      const { folder: _, seconds: __, trials, ...report } = JSON.parse(text);
      return { ...report, trials: trials.map(({ score }: { score: number }) => score) };
    });
    expect(other).toEqual(one);
    expect(await weightsOf(join(apart, "best.amortis"))).toEqual(
      await weightsOf(join(home, "best.amortis")),
    );
  });

  it("says what fails, and tries it again where it is asked again", async () => {
    await startWorker();
    const pieces = await openPieces(url, { attempts: 2, backOff: 20 });
    const piece = { title: "junk", task: { kind: "none" }, directory: root, file: "junk" };
    for (let i = 0; i < 2; i++) {
      await expect(pieces.ask(piece)).rejects.toThrow(
        /^junk failed each time, 2 time\(s\): the training is none of this version/u,
      );
    }
    expect((await piecesStatus(url)).failed).toMatchObject([{ title: "junk" }]);
    const stop = new AbortController();
    const waits = pieces.ask({ ...piece, title: "later", file: "later" }, stop.signal);
    stop.abort(new Error("enough"));
    await expect(waits).rejects.toThrow("enough");
    await pieces.close();
  });
});
