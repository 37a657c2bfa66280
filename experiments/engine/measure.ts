/**
 * Times one training program in this process, and prints one JSON line. Run by bench.ts, each measurement in a process of its own, so that
 * peak memory is that program's.
 */
import { initialState, TrainingLoop, type TrainingState } from "@amortis/graph";
import { nodeRuntime } from "@amortis/graph/node";
import { stream } from "amortis";
import { programs } from "./programs/index.js";

const BLOCK_SECONDS = 0.4;

async function measure(key: string, threads: number, blocks: number): Promise<object> {
  const program = programs[key];
  if (program === undefined) {
    throw new Error(`there is no program "${key}"; there are ${Object.keys(programs).join(", ")}`);
  }
  const { batch } = program;
  const { spec, data } = program.build();
  const started = performance.now();
  const loop = await TrainingLoop.create(spec, nodeRuntime({ threads }));
  const compileMs = performance.now() - started;
  const random = stream(1);
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
      fillNoise: (values, kind, step, which) => {
        const noise = random.split(which).split(step);
        if (kind === "normal") noise.fillNormal(values);
        else noise.fillUniform(values);
      },
    });
    state = progress.state;
    return (performance.now() - before) / steps;
  }

  await run(3);
  const steps = Math.max(3, Math.round((1000 * BLOCK_SECONDS) / (await run(5))));
  const times: number[] = [];
  for (let i = 0; i < blocks; i++) times.push(await run(steps));
  times.sort((a, b) => a - b);
  return {
    peer: "amortis",
    program: program.name,
    batch: program.batch,
    threads,
    msPerStep: times[Math.floor(times.length / 2)],
    msPerStepMin: times[0],
    compileMs,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

const [key = "", threads = "1", blocks = "7"] = process.argv.slice(2);
console.log(JSON.stringify(await measure(key, Number(threads), Number(blocks))));
