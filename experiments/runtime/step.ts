/**
 * Times a training step of one program on one runtime, in this process, and prints one JSON line. Run by runtime.ts.
 *
 *     tsx experiments/runtime/step.ts PROGRAM own|fused|native|web [BATCH]
 */
import { initialState, TrainingLoop, type Runtime, type TrainingState } from "@amortis/graph";
import { stream } from "amortis";
import { programs } from "../engine/programs/index.js";
import { runtimeOf } from "./runtimes.js";

const BLOCK_SECONDS = 0.3;
const BLOCKS = 5;

async function measure(key: string, runtime: Runtime): Promise<object> {
  const program = programs[key];
  if (program === undefined) {
    throw new Error(`there is no program "${key}"; there are ${Object.keys(programs).join(", ")}`);
  }
  const { spec, data } = program.build();
  const started = performance.now();
  const loop = await TrainingLoop.create(spec, runtime, { threads: 1 });
  const compileMs = performance.now() - started;
  const random = stream(1);
  const { batch } = program;
  let state = initialState(
    spec.variables,
    spec.optimizer,
    spec.variables.initialize(random.split("weights")),
  );
  const rows = Object.values(data)[0]?.shape[0] ?? 0;

  async function run(steps: number): Promise<number> {
    const order = random.split("order").split(state.step);
    const indices = Uint32Array.from({ length: steps * batch }, () => order.integer(rows));
    const before = performance.now();
    const progress: { readonly state: TrainingState } = await loop.run(state, {
      data,
      indices,
      learningRates: Array.from({ length: steps }, () => 5e-4),
    });
    state = progress.state;
    return (performance.now() - before) / steps;
  }

  const first = await run(1);
  await run(20);
  const steps = Math.max(3, Math.round((1000 * BLOCK_SECONDS) / (await run(10))));
  const times: number[] = [];
  for (let i = 0; i < BLOCKS; i++) times.push(await run(steps));
  times.sort((a, b) => a - b);
  return {
    msPerStep: times[Math.floor(times.length / 2)],
    msPerStepMin: times[0],
    compileMs,
    firstMs: first,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

const [key = "", name = "own"] = process.argv.slice(2);
console.log(JSON.stringify(await measure(key, await runtimeOf(name))));
