/**
 * A temporary directory with data and small estimators, made by the real command.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "amortis/files";
import { fixture, run, type Outcome } from "./command.js";

/** The model of most tests: a mean in (-2, 2), three observations. */
export const BUMP = fixture("bump.ts");

const SETTINGS = {
  summary: { kind: "mlp", hidden: [16], outputs: 4 },
  density: { kind: "gaussian", hidden: [16] },
  training: { epochs: 2, batch: 32 },
};

/** Files x.npy [12, 3], config.json, data/, bump.amortis (npe), points.amortis (nbe). */
export interface Workspace {
  readonly path: (...names: readonly string[]) => string;
  readonly simulated: Outcome;
  readonly trained: Outcome;
  readonly points: Outcome;
  readonly remove: () => Promise<void>;
}

/** Makes one. */
export async function createWorkspace(): Promise<Workspace> {
  const directory = await mkdtemp(join(tmpdir(), "amortis-cli-"));
  const path = (...names: readonly string[]): string => join(directory, ...names);
  const [data, config] = [path("data"), path("config.json")];
  await writeFile(config, JSON.stringify(SETTINGS));
  await writeNpy(path("x.npy"), { shape: [12, 3], data: observations() });
  const [simulated, trained, points] = await Promise.all([
    run("simulate", BUMP, "--n", "600", "--out", data, "--seed", "3", "--json"),
    run(
      "train",
      BUMP,
      "--simulations",
      "600",
      "--config",
      config,
      "--out",
      path("bump.amortis"),
      "--json",
    ),
    run(
      "train",
      BUMP,
      "--simulations",
      "600",
      "--method",
      "nbe",
      "--interval",
      "0.9",
      "--epochs",
      "2",
      "--out",
      path("points.amortis"),
    ),
  ]);
  return { path, simulated, trained, points, remove: () => rm(directory, { recursive: true }) };
}

/** What x.npy holds. */
export function observations(): Float32Array {
  return Float32Array.from({ length: 36 }, (_, i) => i / 36);
}
