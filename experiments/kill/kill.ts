/**
 * kill -9 at random moments: nothing lost, nothing repeated, and the bits of a run that nobody disturbed.
 *
 *     npm run experiment:kill                  20 kills
 *     npm run experiment:kill -- 200           as many
 *     npm run experiment:kill -- 200 --seed 7 --only simulate,part
 *
 * In turn: `simulate` (a new folder), `simulate` that lets a folder grow, `simulate --shard`, `train --checkpoint` with the estimator that it saves, and `worker` (where
 * there is a redis-server). Each is started, killed after a random share of the time that it takes undisturbed, as often as a round has kills, and then let run to its
 * end. The result is compared byte by byte with that of the undisturbed run; of a folder, everything but the lock. That nothing is repeated is seen from the
 * times of the files: those that were whole when the process was killed are not written again.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { load, stream } from "amortis/extend";
import { RedisServer, SERVER } from "../../packages/queue/test/redis.js";

const BIN = fileURLToPath(new URL("../../packages/amortis/bin/amortis.js", import.meta.url));
const MODEL = fileURLToPath(new URL("model.ts", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, only: { type: "string" } },
});
const KILLS = Number(positionals[0] ?? 20);
const KILLS_A_ROUND = 2;
const random = stream(Number(values.seed));
const root = await mkdtemp(join(tmpdir(), "amortis-kill-"));

/** What is killed. */
interface Case {
  readonly name: string;
  /** Before the first run of a round. */
  readonly prepare?: (place: string) => Promise<void>;
  readonly args: (place: string) => readonly string[];
  /** Ends of files that no run may write twice. */
  readonly once?: string;
  /** What is compared. */
  readonly digest: (place: string) => Promise<string>;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "ignore", "pipe"] });
}

async function ended(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.on("data", (text: Buffer) => (said += text.toString()));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`status ${String(code)}: ${said.slice(-500)}`);
}

/** Files of a folder by name, but for what is of the moment. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile() && !/^lock|\.tmp$/u.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function digestOfFolder(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await filesOf(folder)) {
    hash.update(file.slice(folder.length)).update(await readFile(file));
  }
  return hash.digest("hex");
}

/** Weights: what else a file has, such as the seconds that it took, may differ. */
async function digestOfWeights(file: string): Promise<string> {
  const estimator = await load(file);
  const { weights } = estimator.contents;
  await estimator.release();
  return createHash("sha256").update(new Uint8Array(weights.slice().buffer)).digest("hex");
}

const size = ["--n", "2400", "--shard-size", "100", "--seed", "5", "--quiet", "--workers", "1"];
const cases: Case[] = [
  {
    name: "simulate",
    args: (place) => ["simulate", MODEL, ...size, "--out", place],
    once: ".json",
    digest: digestOfFolder,
  },
  {
    name: "grow",
    prepare: async (place) =>
      ended(start(["simulate", MODEL, ...size.with(1, "1250"), "--out", place])),
    args: (place) => ["simulate", MODEL, ...size, "--out", place],
    digest: digestOfFolder,
  },
  {
    name: "part",
    args: (place) => ["simulate", MODEL, ...size, "--out", place, "--shard", "0/1"],
    once: ".json",
    digest: digestOfFolder,
  },
  {
    name: "train",
    args: (place) => {
      const out = ["--out", join(place, "e.amortis"), "--checkpoint", "--quiet"];
      const data = ["--data", join(root, "data"), "--threads", "1", "--epochs", "12"];
      return ["train", MODEL, "--method", "nbe", ...data, ...out];
    },
    digest: (place) => digestOfWeights(join(place, "e.amortis")),
  },
];

let killed = 0;
let wrong = 0;
const times = new Map<string, number>();
const expected = new Map<string, string>();

/** Runs undisturbed, to know what comes out and how long that takes. */
async function undisturbed(one: Case): Promise<void> {
  const place = join(root, `whole-${one.name}`);
  await one.prepare?.(place);
  const started = performance.now();
  await ended(start(one.args(place)));
  times.set(one.name, performance.now() - started);
  expected.set(one.name, await one.digest(place));
}

/** Records of shards, and when they were written. */
async function written(one: Case, place: string): Promise<ReadonlyMap<string, number>> {
  if (one.once === undefined) return new Map();
  const records = (await filesOf(join(place, "shards"))).filter((file) => file.endsWith(".json"));
  const stamped = await Promise.all(
    records.map(async (file) => [file, (await stat(file)).mtimeMs] as const),
  );
  return new Map(stamped);
}

async function round(one: Case, number: number): Promise<void> {
  const place = join(root, `${one.name}-${number}`);
  await one.prepare?.(place);
  let before: ReadonlyMap<string, number> = new Map();
  const check = async (): Promise<void> => {
    const now = await written(one, place);
    const again = [...before].filter(([file, time]) => now.get(file) !== time);
    if (again.length > 0)
      fault(`${one.name} ${number}: ${again.length} shard(s) were written again`);
    before = now;
  };
  for (let i = 0; i < KILLS_A_ROUND; i++) {
    const child = start(one.args(place));
    const done = once(child, "exit");
    await Promise.race([done, setTimeout((times.get(one.name) ?? 0) * random.uniform())]);
    if (child.exitCode === null) killed++;
    child.kill("SIGKILL");
    await done;
    await check();
  }
  await ended(start(one.args(place)));
  await check();
  if ((await one.digest(place)) !== expected.get(one.name)) {
    fault(`${one.name} ${number}: the result differs`);
  }
  await rm(place, { recursive: true, force: true });
}

function fault(what: string): void {
  wrong++;
  console.log(`WRONG: ${what}`);
}

/** Workers of a queue that are killed, while whoever asked waits. */
async function queueRound(server: RedisServer, number: number): Promise<void> {
  const place = join(root, `worker-${number}`);
  const asked = start([
    "simulate",
    MODEL,
    ...size.slice(0, 7),
    "--out",
    place,
    "--queue",
    server.url,
  ]);
  const done = ended(asked);
  const worker = ["worker", "--queue", server.url, "--workers", "1", "--lock", "5", "--quiet"];
  for (let i = 0; i < KILLS_A_ROUND; i++) {
    const child = start(worker);
    await setTimeout(1_500 + (times.get("simulate") ?? 0) * random.uniform());
    if (child.exitCode === null) killed++;
    child.kill("SIGKILL");
  }
  const last = start(worker);
  await done;
  last.kill("SIGKILL");
  if ((await digestOfFolder(place)) !== expected.get("simulate")) {
    fault(`worker ${number}: the result differs`);
  }
  await rm(place, { recursive: true, force: true });
}

const only = values.only?.split(",");
try {
  await ended(start(["simulate", MODEL, ...size, "--out", join(root, "data")]));
  const asked = cases.filter(({ name }) => only?.includes(name) ?? true);
  for (const one of cases) {
    if (asked.includes(one) || one.name === "simulate") await undisturbed(one);
  }
  const withQueue = SERVER !== undefined && (only?.includes("worker") ?? true);
  const server = withQueue ? await RedisServer.start(root) : undefined;
  for (let number = 0; killed < KILLS; number++) {
    for (const one of asked) if (killed < KILLS) await round(one, number);
    if (server !== undefined && killed < KILLS) await queueRound(server, number);
    console.log(`${killed} kills, ${wrong} wrong`);
  }
  await server?.kill();
} finally {
  await rm(root, { recursive: true, force: true });
}
if (wrong > 0) process.exitCode = 1;
