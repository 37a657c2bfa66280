/**
 * What files say of estimators of series, and the programs that they hold.
 */
import { arraySpecSchema, specsOf } from "../data/array-spec.js";
import { seenName } from "../data/series-place.js";
import { sizeOf } from "../data/shape.js";
import { object, record } from "../schema/objects.js";
import type { ValueOf } from "../schema/schema.js";
import { flag, list, oneOf, text, whole } from "../schema/values.js";
import { count } from "./contents.js";
import type { ProgramShape } from "./kind-of-answer.js";

const noiseSchema = object({ normal: count(), uniform: count() });

/** What a method says of its answers. */
export const statesSchema = object({
  kind: oneOf("states"),
  /** What is seen of a series, at any number of times. */
  data: record(arraySpecSchema),
  /** What a state is at one time. */
  states: list(
    object({
      name: text({ least: 1 }),
      shape: list(whole({ least: 1, most: 2 ** 31 }), { most: 16 }),
    }),
    { least: 1, most: 256 },
  ),
  /** Numbers of the parameters that stay. */
  statics: count(1),
  /** Times of the longest series that was simulated. */
  most: count(1),
  /** Numbers of the recurrent state that follows a series. */
  units: count(1),
  /** Whether a state is given the next one alone, or all that follow. */
  markov: flag,
  /** What a draw takes. */
  noise: object({ statics: noiseSchema, states: noiseSchema }),
});

/** The same, read. */
export type StatesAnswer = ValueOf<typeof statesSchema>;

/** Numbers of all states at one time. */
export function stateWidth({ states }: Pick<StatesAnswer, "states">): number {
  return states.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The programs of a file: see `methods/state-programs.ts`. */
export function statesProgramShapes(answer: StatesAnswer): Record<string, ProgramShape> {
  const { data, statics, units, markov, noise } = answer;
  const d = stateWidth(answer);
  const arrays = Object.entries(specsOf(data)).map(
    ([name, { shape }]) => [seenName(name), ["batch", 1, ...shape.slice(1)]] as const,
  );
  const seen = Object.fromEntries(arrays);
  const context = ["batch", "any"] as const;
  const parameters = ["batch", "draws", statics] as const;
  const next = ["batch", "draws", d] as const;
  const draw = (
    inputs: ProgramShape["inputs"],
    { normal, uniform }: (typeof noise)["statics"],
    outputs: ProgramShape["outputs"],
  ): ProgramShape => ({
    inputs: {
      ...inputs,
      ...(normal > 0 && { normal: ["batch", "draws", normal] }),
      ...(uniform > 0 && { uniform: ["batch", "draws", uniform] }),
    },
    outputs,
  });
  const log = ["batch", "draws"] as const;
  const state = ["batch", "draws", units] as const;
  const following = { context, parameters, next, ...(!markov && { before: state, ...seen }) };
  const after = !markov && { after: state };
  return {
    update: {
      inputs: { ...seen, before: ["batch", units], place: ["batch", 1] },
      outputs: { after: ["batch", units], context },
    },
    sampleStatics: draw({ context }, noise.statics, { theta: parameters }),
    logDensityStatics: { inputs: { context, theta: parameters }, outputs: { logDensity: log } },
    sampleFilter: draw({ context, parameters }, noise.states, { state: next }),
    logDensityFilter: {
      inputs: { context, parameters, state: next },
      outputs: { logDensity: log },
    },
    sampleSmoother: draw(following, noise.states, { state: next, ...after }),
    logDensitySmoother: {
      inputs: { ...following, state: next },
      outputs: { logDensity: log, ...after },
    },
  };
}
