/**
 * Networks that are trained apart, and put together to what one process makes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  defineModel,
  gaussian,
  mlpSummary,
  nbe,
  normal,
  npe,
  simulate,
  simulateToDirectory,
  train,
  trainNetwork,
  type AnyModel,
  type SimulatedData,
  type TrainOptions,
} from "../../src/index.js";
import type { NetworkAsked } from "../../src/training/index.js";

const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1) },
  data: { y: [4] },
  simulate: ({ slope }, random) => {
    if (slope > 2) throw new Error("too steep");
    return { y: Float64Array.from({ length: 4 }, (_, i) => slope * i + random.normal()) };
  },
});

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-networks-"));
});
afterAll(() => rm(root, { recursive: true }));

const simulated = (): Promise<SimulatedData> =>
  simulate(line, { simulations: 300, seed: 2, workers: 0 });

const small = { summary: mlpSummary({ hidden: [8] }), density: gaussian() };
const quiet = { seed: 3, epochs: 3, batch: 32, progress: false, onWarning: () => {} };
const cases: readonly (readonly [
  string,
  (model: AnyModel) => ReturnType<typeof npe>,
  () => Promise<TrainOptions>,
])[] = [
  [
    "an ensemble",
    (model) => npe(model, { ...small, members: 3 }),
    async () => ({ data: await simulated() }),
  ],
  ["one network", (model) => npe(model, small), async () => ({ data: await simulated() })],
  [
    "simulations of its own",
    (model) => npe(model, { ...small, members: 2 }),
    async () => ({ simulations: 200, workers: 0 }),
  ],
  [
    "simulations on disk",
    (model) => npe(model, small),
    async () => {
      const options = { simulations: 300, seed: 2, shardSize: 50, workers: 0 };
      return { data: await simulateToDirectory(line, join(root, "data"), options), buffer: 100 };
    },
  ],
];

it.each(cases)("trained apart, %s has the bits of home", async (_, methodOf, optionsOf) => {
  const options = { ...quiet, ...(await optionsOf()) };
  const home = await train(methodOf(line), options);
  const asked: NetworkAsked[] = [];
  const apart = await train(methodOf(line), {
    ...options,
    networks: (one) => {
      asked.push(one);
      return trainNetwork(methodOf(line), one.network, { ...options, threads: 1 }, one.fingerprint);
    },
  });
  expect(asked.map(({ network }) => network)).toEqual(asked.map((_, k) => k));
  expect(apart.contents.weights).toEqual(home.contents.weights);
  const timeless = home.history.map((record) => ({ ...record, seconds: expect.any(Number) }));
  expect(apart.history).toEqual(timeless);
  await Promise.all([home.release(), apart.release()]);
});

it("networks of other trainings are refused", async () => {
  const options = { ...quiet, data: await simulated() };
  const method = npe(line, { ...small, members: 2 });
  await expect(
    train(method, {
      ...options,
      networks: ({ network }) => trainNetwork(method, network, { ...options, seed: 4 }),
    }),
  ).rejects.toThrow(/network [12] of 2 is of other training/u);
  await expect(
    train(method, { ...options, networks: () => trainNetwork(method, 0, options) }),
  ).rejects.toThrow(/network 2 of 2 is of other training/u);
  await expect(
    train(method, { ...options, networks: async () => new Uint8Array(8) }),
  ).rejects.toThrow(/network [12] of 2 is damaged/u);
  await expect(trainNetwork(method, 2, options)).rejects.toThrow(
    "network 2 is none of the 2 that npe has here, counted from 0",
  );
  await expect(trainNetwork(nbe(line), 0, options, "another")).rejects.toThrow(
    "method, settings or simulations are others than those of who asks",
  );
});

it("what is trained elsewhere cannot be looked at here", async () => {
  const networks = async (): Promise<Uint8Array> => new Uint8Array();
  const data = await simulated();
  const given = { ...quiet, data, networks };
  await expect(train(npe(line), { ...given, checkpoint: "c" })).rejects.toThrow(/checkpoint/u);
  await expect(train(npe(line), { ...quiet, networks, onTheFly: true })).rejects.toThrow(
    /leave no account of simulations made on the fly/u,
  );
  const stop = AbortSignal.abort(new Error("enough"));
  await expect(trainNetwork(npe(line, small), 0, { ...quiet, data, signal: stop })).rejects.toThrow(
    "enough",
  );
});
