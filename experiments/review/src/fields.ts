/**
 * The fields of the first experiment: the same for all methods.
 */
import { openDataSet, simulate, simulateToDirectory, type SimulatedData } from "amortis";
import { gaussianField } from "@amortis/gaussian-field";
import { paths } from "./files.js";
import type { StageContext } from "./stage.js";

/** Simulated fields. */
export type Fields = SimulatedData<{ readonly z: readonly [16, 16] }>;

/** Seeds: one a purpose, so that test fields are never those of training. */
const seedOf = (what: string, seed: number): string => `review/gaussian/${what}/${seed}`;

const SETS = ["training", "validation"] as const;

/** Simulates what networks are trained on, into the directory. */
export async function simulateFields(context: StageContext): Promise<void> {
  const { settings, seed, directory, signal } = context;
  for (const [i, name] of SETS.entries()) {
    const total = settings.gaussian[name];
    await simulateToDirectory(gaussianField, paths.data(directory, `gaussian-${name}`), {
      simulations: total,
      seed: seedOf(name, seed),
      signal,
      onProgress: (progress) => {
        context.report((i + progress.done / total) / 2, { kind: "simulating", progress });
      },
    });
  }
}

/** Training and validation fields. */
export async function trainingFields({
  directory,
}: StageContext): Promise<{ readonly data: SimulatedData; readonly validation: SimulatedData }> {
  const [data, validation] = await Promise.all(
    SETS.map(async (name) => (await openDataSet(paths.data(directory, `gaussian-${name}`))).read()),
  );
  if (data === undefined || validation === undefined) throw new TypeError("there are two sets");
  return { data, validation };
}

/** Fresh fields on which all methods are scored. */
export async function testFields({ settings, seed }: StageContext): Promise<Fields> {
  const { test: simulations } = settings.gaussian;
  return simulate(gaussianField, { simulations, seed: seedOf("test", seed), workers: 0 });
}

/** The fields that are looked at closely. */
export async function closeFields({ settings, seed }: StageContext): Promise<Fields> {
  const parameters = Float64Array.from(settings.gaussian.close);
  return simulate(gaussianField, { parameters, seed: seedOf("close", seed), workers: 0 });
}
