/**
 * Times the training of one program on one runtime, in this process or page.
 */
import { initialState, TrainingLoop, type Runtime, type TrainingState } from "@amortis/graph";
import { stream } from "amortis";
import { programs } from "./programs/index.js";

/** What a training takes. */
export interface TrainingTimes {
  readonly program: string;
  readonly batch: number;
  /** Of blocks of steps, the median and the least. */
  readonly msPerStep: number | undefined;
  readonly msPerStepMin: number | undefined;
  /** Processor time a step, over all blocks; on a machine with others at work it says more than the clock. Not known in a page. */
  readonly cpuMsPerStep?: number;
  readonly compileMs: number;
  /** The first step, with whatever a runtime does late. */
  readonly firstMs: number;
}

/**
 * @param key of a program in `programs`.
 * @param blocks of steps, each of about so many seconds.
 */
export async function timeTraining(
  key: string,
  runtime: Runtime,
  { blocks, seconds, threads }: Readonly<Record<"blocks" | "seconds" | "threads", number>>,
): Promise<TrainingTimes> {
  const program = programs[key];
  if (program === undefined) {
    throw new Error(`there is no program "${key}"; there are ${Object.keys(programs).join(", ")}`);
  }
  const { batch } = program;
  const { spec, data } = program.build();
  const started = performance.now();
  const loop = await TrainingLoop.create(spec, runtime, { threads });
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

  const firstMs = await run(1);
  await run(20);
  const steps = Math.max(3, Math.round((1000 * seconds) / (await run(10))));
  const times: number[] = [];
  const inNode = typeof process !== "undefined";
  const begun = inNode ? process.cpuUsage() : undefined;
  for (let i = 0; i < blocks; i++) times.push(await run(steps));
  const used = begun && process.cpuUsage(begun);
  times.sort((a, b) => a - b);
  return {
    program: program.name,
    batch,
    msPerStep: times[Math.floor(times.length / 2)],
    msPerStepMin: times[0],
    ...(used && { cpuMsPerStep: (used.user + used.system) / 1000 / (blocks * steps) }),
    compileMs,
    firstMs,
  };
}
