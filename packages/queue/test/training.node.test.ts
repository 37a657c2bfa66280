/**
 * Trainings by a real server and workers that are processes of their own: the bits of a training at home.
 */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { load } from "amortis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPieces, piecesStatus } from "../src/index.js";
import { SERVER } from "./redis.js";
import { BIN, MODELS, Workplace } from "./workplace.js";

const MODEL = `${MODELS}#line`;

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open("training", 2);
});
afterEach(() => place.killAll());
afterAll(() => place.close());

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
    const [home, apart] = [join(place.root, "home.amortis"), join(place.root, "apart.amortis")];
    await amortis(...trained, "--out", home);
    const [first] = await Promise.all([place.startWorker(), place.startWorker()]);
    const asked = amortis(...trained, "--out", apart, "--queue", place.url);
    while ((await piecesStatus(place.url)).underWay.length === 0) await setTimeout(50);
    expect((await piecesStatus(place.url)).underWay[0]).toMatch(/#line, network [123] of 3$/u);
    if (first !== undefined) await place.kill(first);
    await asked;
    expect(await weightsOf(apart)).toEqual(await weightsOf(home));
    expect(await piecesStatus(place.url)).toEqual({ waiting: [], underWay: [], failed: [] });
    expect((await readdir(place.root)).filter((name) => name.includes("networks"))).toEqual([]);
  });

  it("searches with several workers, with the result of one machine", async () => {
    const [home, apart] = [join(place.root, "home"), join(place.root, "apart")];
    await Promise.all([place.startWorker(), place.startWorker()]);
    const config = join(place.root, "config.json");
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
      amortis(...search, "--json", "--out", apart, "--queue", place.url, "--at-once", "2"),
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
    await place.startWorker();
    const pieces = await openPieces(place.url, { attempts: 2, backOff: 20 });
    const piece = { title: "junk", task: { kind: "none" }, directory: place.root, file: "junk" };
    for (let i = 0; i < 2; i++) {
      await expect(pieces.ask(piece)).rejects.toThrow(
        /^junk failed each time, 2 time\(s\): the training is none of this version/u,
      );
    }
    expect((await piecesStatus(place.url)).failed).toMatchObject([{ title: "junk" }]);
    const stop = new AbortController();
    const waits = pieces.ask({ ...piece, title: "later", file: "later" }, stop.signal);
    stop.abort(new Error("enough"));
    await expect(waits).rejects.toThrow("enough");
    await pieces.close();
  });
});
