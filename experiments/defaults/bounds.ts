/**
 * What the default npe loses to exact posteriors that a bound of the prior cuts off: θ ~ U(-1, 1), x ~ N(θ, sd²). Nats at fresh parameters, by how far they are from a bound.
 *
 *     npx tsx experiments/defaults/bounds.ts --simulations 20000 --seed 1
 */
import { parseArgs } from "node:util";
import { defineModel, normalCdf, npe, simulate, train, uniform } from "amortis/extend";

const { values } = parseArgs({
  options: {
    simulations: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    fresh: { type: "string", default: "4000" },
    sd: { type: "string", default: "0.05" },
  },
});
const sd = Number(values.sd);
const seed = Number(values.seed);
const model = defineModel({
  name: "near a bound",
  parameters: { theta: uniform(-1, 1) },
  data: { x: [] },
  simulate: ({ theta }, random) => ({ x: theta + sd * random.normal() }),
});

function exactLogDensity(theta: number, x: number): number {
  const mass = normalCdf((1 - x) / sd) - normalCdf((-1 - x) / sd);
  return -0.5 * ((theta - x) / sd) ** 2 - Math.log(sd * Math.sqrt(2 * Math.PI) * mass);
}

const estimator = await train(npe(model), {
  simulations: Number(values.simulations),
  seed,
  onWarning: () => {},
});
const fresh = await simulate(model, { simulations: Number(values.fresh), seed: 77_000 + seed });
const posteriors = await estimator.givenBatch(fresh.data, { samples: 10 });
const logs = await posteriors.logDensity(fresh.parameters);
const all = Array.from(logs, (log, i) => {
  const [theta = 0, x = 0] = [fresh.parameters[i], fresh.data.x[i]];
  return { edge: 1 - Math.abs(theta), loss: exactLogDensity(theta, x) - log };
});
for (const [from, to] of [
  [0, 1],
  [0, 0.002],
  [0.002, 0.02],
  [0.02, 0.1],
  [0.1, 1],
] as const) {
  const own = all.filter(({ edge }) => edge >= from && edge < to).map(({ loss }) => loss);
  const mean = own.reduce((a, b) => a + b, 0) / own.length;
  const squares = own.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  console.log(
    `${from} to ${to} from a bound: ${mean.toFixed(3)} (standard error ${(Math.sqrt(squares) / own.length).toFixed(3)}) of ${own.length}`,
  );
}
const at = await estimator.given({ x: 1 }, { samples: 4_000, seed });
const exact = { mean: 1 - sd * Math.sqrt(2 / Math.PI), sd: sd * Math.sqrt(1 - 2 / Math.PI) };
console.log(
  `at x = 1: ${at.mean().theta.toFixed(4)} ± ${at.sd().theta.toFixed(4)}, exactly ${exact.mean.toFixed(4)} ± ${exact.sd.toFixed(4)}; largest of 4,000 draws ${Math.max(...at.draws).toFixed(5)}`,
);
await estimator.release();
