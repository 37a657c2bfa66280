/** Estimators that tests serve, trained for a moment: what they have learned does not matter. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineModel, missing, nbe, normal, npe, nre, train, uniform } from "amortis";
import { serve, type RunningServer, type ServerOptions } from "../src/index.js";

const QUIET = { workers: 0, threads: 1, seed: 3, onProgress: () => {}, onWarning: () => {} };

const line = defineModel({
  name: "line",
  parameters: { slope: normal(0, 1), noise: uniform(0.1, 2) },
  data: { y: [8] },
  simulate: ({ slope, noise }, random) => ({
    y: Array.from({ length: 8 }, (_, i) => (slope * i) / 8 + noise * random.normal()),
  }),
});

const gappy = defineModel({
  name: "gappy",
  parameters: { level: normal(0, 1) },
  data: { y: missing([3]), z: [] },
  simulate: ({ level }, random) => ({
    y: Array.from({ length: 3 }, () =>
      random.uniform() < 0.2 ? Number.NaN : level + random.normal(),
    ),
    z: level + random.normal(),
  }),
});

const FEW = { ...QUIET, simulations: 300, epochs: 1 };

const MAKE = {
  line: () => train(npe(line), FEW),
  point: () => train(nbe(line), FEW),
  ratio: () => train(nre(line), FEW),
  gappy: () => train(npe(gappy), FEW),
};

/** An estimator that tests ask. */
type Name = keyof typeof MAKE;

/** Trains estimators, and saves them under their names. */
export async function trained<N extends Name>(
  ...names: readonly N[]
): Promise<Readonly<Record<N, string>>> {
  const folder = await mkdtemp(join(tmpdir(), "amortis-server-"));
  const files: Partial<Record<N, string>> = {};
  for (const name of names) {
    const file = join(folder, `${name}.amortis`);
    await (await MAKE[name]()).save(file);
    files[name] = file;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each name has got its file
  return files as Record<N, string>;
}

/** Serves at a free port, in silence. */
export function quietly(
  files: readonly string[],
  options: ServerOptions = {},
): Promise<RunningServer> {
  return serve(files, { port: 0, log: false, threads: 1, ...options });
}

/** One data set of the line. */
export const LINE: readonly number[] = [0.1, 0.3, 0.2, 0.6, 0.4, 0.9, 0.7, 1.1];

/** Posts JSON. */
export async function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
