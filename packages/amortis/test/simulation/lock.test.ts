/** One writer a directory, by real processes. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  openDataSet,
  saveDataSet,
  simulate,
  simulateToDirectory,
} from "../../src/simulation/index.js";
import { folderOf, type Folder } from "../../src/simulation/folder.js";
import { pair, slow } from "./models.js";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-lock-"));
});
afterAll(() => rm(root, { recursive: true }));

const SEED = 9;

/** A process that simulates `slow`, and says how it ended; one that hangs says "started" once the directory is its own. */
function writer(directory: string, simulations: number, hang = false): ChildProcess {
  const library = new URL("../../dist/simulation/index.js", import.meta.url).href;
  const loading = new URL("../../dist/model/index.js", import.meta.url).href;
  const models = new URL("models.ts", import.meta.url).href;
  const script = `
    import { writeSync } from "node:fs";
    import { simulateToDirectory } from ${JSON.stringify(library)};
    import { loadModel } from ${JSON.stringify(loading)};
    const model = await loadModel(${JSON.stringify(models)}, "slow");
    const onProgress = ({ done }) => {
      if (!${hang} || done < 20) return;
      writeSync(1, "started");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    };
    const options = { simulations: ${simulations}, seed: ${SEED}, shardSize: 20, workers: 0, onProgress };
    await simulateToDirectory(model, ${JSON.stringify(directory)}, options)
      .then(() => console.log("done"), (error) => console.log(error.message));`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function ending({ stdout }: ChildProcess): Promise<string> {
  let text = "";
  stdout?.setEncoding("utf8").on("data", (part: string) => (text += part));
  if (stdout) await once(stdout, "close");
  return text.trim().split("\n").at(-1) ?? "";
}

async function expectWhole(directory: string, simulations: number): Promise<void> {
  const stored = await (await openDataSet(directory)).read();
  expect(stored).toEqual(await simulate(slow, { simulations, seed: SEED, workers: 0 }));
  expect(
    (await readdir(directory, { recursive: true })).filter((name) => /lock|tmp/.test(name)),
  ).toEqual([]);
}

it("stays whole where several processes begin at once", async () => {
  const directory = join(root, "together");
  const sizes = [400, 300, 400];
  const endings = await Promise.all(sizes.map((n) => ending(writer(directory, n))));
  const done = sizes.filter((_, i) => endings[i] === "done");
  for (const text of endings) {
    expect(text).toMatch(
      /^done$|process \d+ on .* is writing to .*together: wait for it|is for 400 simulations, more than/,
    );
  }
  await expectWhole(directory, Math.max(...done));
});

it("takes what another writer has begun since it looked for its own", async () => {
  const directory = join(root, "since");
  const options = { simulations: 40, seed: SEED, workers: 0 };
  await simulateToDirectory(slow, directory, options);
  const folder = folderOf(directory);
  let looked = false;
  const late: Folder = {
    name: folder.name,
    read: (path) => {
      if (looked) return folder.read(path);
      looked = true;
      return Promise.resolve(undefined);
    },
    write: (path, bytes) => folder.write(path, bytes),
    create: (path, bytes) => folder.create(path, bytes),
    list: (path) => folder.list(path),
    remove: (path) => folder.remove(path),
  };
  const stored = await simulateToDirectory(slow, late, options);
  expect(stored.size).toBe(40);
  await expectWhole(directory, 40);
});

it("names whoever writes to each of many that begin at once", async () => {
  const directory = join(root, "many");
  const options = { simulations: 40, seed: SEED, workers: 0 };
  const endings = await Promise.allSettled(
    Array.from({ length: 8 }, () => simulateToDirectory(slow, directory, options)),
  );
  const refused = endings.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  expect(refused.length).toBeLessThan(8);
  for (const reason of refused) {
    expect(reason).toContain(`process ${process.pid} on ${hostname()} is writing to ${directory}`);
  }
  await expectWhole(directory, 40);
});

it("extends with the same seed, whoever began", async () => {
  const directory = join(root, "extended");
  expect(await ending(writer(directory, 30))).toBe("done");
  expect(await ending(writer(directory, 70))).toBe("done");
  await expectWhole(directory, 70);
});

it("recognises the lock of a process that was killed, and goes on", async () => {
  const directory = join(root, "killed");
  const killed = writer(directory, 200, true);
  if (killed.stdout) await once(killed.stdout, "data");
  await expect(
    simulateToDirectory(slow, directory, { simulations: 40, seed: SEED }),
  ).rejects.toThrow(new RegExp(`process ${killed.pid} on .* is writing to`));
  await expect(
    saveDataSet(directory, pair, await simulate(pair, { simulations: 9, seed: 1 }), {
      overwrite: true,
    }),
  ).rejects.toThrow(/is writing to/);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(await readdir(directory)).toContain("lock");
  // Two at once: one of them takes over.
  const endings = await Promise.all([
    ending(writer(directory, 200)),
    ending(writer(directory, 200)),
  ]);
  expect(endings).toContain("done");
  await expectWhole(directory, 200);
});

it("takes a lock for stale where its process number is another's now, and not where it is another machine's", async () => {
  const directory = join(root, "stale");
  await mkdir(directory);
  const lock = join(directory, "lock");
  const options = { simulations: 40, seed: SEED };
  const owner = { process: process.pid, host: hostname(), started: "a boot before 12345" };
  await writeFile(lock, JSON.stringify({ ...owner, host: "elsewhere" }));
  await expect(simulateToDirectory(slow, directory, options)).rejects.toThrow(
    /process \d+ on elsewhere is writing to .*; if it no longer runs, delete .*stale\/lock/,
  );
  await writeFile(lock, "");
  await expect(simulateToDirectory(slow, directory, options)).rejects.toThrow(
    /another process is writing to .*; if it no longer runs, delete/,
  );
  await writeFile(lock, JSON.stringify(owner));
  const written = JSON.parse(await readFile(lock, "utf8")) as unknown;
  expect(written).toEqual(owner);
  await writeFile(join(directory, "zarr.json.1234.tmp"), "half");
  // Only Linux tells when a process was started.
  if (process.platform === "linux") {
    await simulateToDirectory(slow, directory, options);
    await expectWhole(directory, 40);
  }
});

it("leaves no trace of a simulator that cannot run", async () => {
  const directory = join(root, "nothing/at/all");
  const { misfit } = await import("./models.js");
  await expect(simulateToDirectory(misfit, directory, { simulations: 3, seed: 1 })).rejects.toThrow(
    /shape \[2\].*returned 3 values/,
  );
  await expect(readdir(directory)).rejects.toThrow(/ENOENT/);
});
