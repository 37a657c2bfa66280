/**
 * What each choice among the defaults of `npe` gains, on the ten tasks of the benchmark: the negative log posterior density at the parameters of
 * fresh simulations, which no training saw and no setting was chosen by alone. Less is better; 0.1 is a tenth of a nat. Of `nle`: the negative log density of their
 * data given their parameters.
 *
 *     npm run experiment:defaults -- [--method npe|nle] [--tasks two_moons,slcp] [--simulations 1000] [--seeds 1,2,3] [--choices earlier,default] [--out FILE]
 *
 * With --out each line is kept, and not made again.
 */
import { appendFile, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { simulate, train, type AnyModel, type SimulatedData } from "amortis";
import { expectedLogDensity } from "amortis/diagnostics";
import { tasks } from "@amortis/sbibm";
import { choices } from "./choices.js";
import { nleChoices } from "./nle-choices.js";

const FRESH = 2_000;
const FRESH_SEED = 1_000_000_007;

const { values } = parseArgs({
  options: {
    method: { type: "string", default: "npe" },
    tasks: { type: "string", default: Object.keys(tasks).join() },
    simulations: { type: "string", default: "1000" },
    seeds: { type: "string", default: "1,2,3" },
    choices: { type: "string" },
    out: { type: "string" },
  },
});

const choicesOf = values.method === "nle" ? nleChoices : choices;

/** One training, scored. */
interface Score {
  /** Of those scored before there were others, none. */
  readonly method?: string;
  readonly task: string;
  readonly simulations: number;
  readonly seed: number;
  readonly choice: string;
  readonly loss: number;
  readonly standardError: number;
  /** Of processor time, in training. */
  readonly seconds: number;
}

const known = new Map(
  values.out === undefined
    ? []
    : (await readFile(values.out, "utf8").catch(() => ""))
        .split("\n")
        .filter((line) => line !== "")
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- lines of our own
        .map((line) => JSON.parse(line) as Score)
        .map((score) => [keyOf(score), score] as const),
);

function keyOf({
  method = "npe",
  task,
  simulations,
  seed,
  choice,
}: Omit<Score, "loss" | "standardError" | "seconds">) {
  return [method, task, simulations, seed, choice].join(" ");
}

/** Mean log density of fresh simulations: of their parameters, or of their data. */
async function logDensityOf(
  fitted: Awaited<ReturnType<typeof train>>,
  fresh: SimulatedData,
): Promise<{ readonly value: number; readonly standardError: number }> {
  if (fitted.kind === "posterior") return expectedLogDensity(fitted, fresh);
  if (fitted.kind !== "likelihood") throw new Error("a posterior or a likelihood is expected");
  const logs = await fitted.logLikelihood(fresh.data, fresh.parameters);
  const value = mean(Array.from(logs));
  const squares = logs.reduce((total, log) => total + (log - value) ** 2, 0);
  return { value, standardError: Math.sqrt(squares) / logs.length };
}

function mean(all: readonly number[]): number {
  return all.reduce((a, b) => a + b, 0) / all.length;
}

async function score(
  model: AnyModel,
  key: Omit<Score, "loss" | "standardError" | "seconds">,
): Promise<Score> {
  const before = known.get(keyOf(key));
  if (before !== undefined) return before;
  const { simulations, seed } = key;
  const data = await simulate(model, { simulations, seed, workers: 0 });
  const choice = choicesOf[key.choice];
  if (choice === undefined) throw new Error(`there is no choice "${key.choice}"`);
  const { method, options } = choice(model, simulations);
  const start = process.cpuUsage();
  const fitted = await train(method, { ...options, data, seed, threads: 1, onWarning: () => {} });
  const { user, system } = process.cpuUsage(start);
  const fresh = await simulate(model, { simulations: FRESH, seed: FRESH_SEED, workers: 0 });
  const { value, standardError } = await logDensityOf(fitted, fresh);
  await fitted.release();
  const made = { ...key, loss: -value, standardError, seconds: (user + system) / 1e6 };
  if (values.out !== undefined) await appendFile(values.out, `${JSON.stringify(made)}\n`);
  return made;
}

const names = (values.choices ?? Object.keys(choicesOf).join()).split(",");
const { method } = values;
const seeds = values.seeds.split(",").map(Number);
console.log(`| task | simulations | ${names.join(" | ")} |`);
console.log(`|---|---|${names.map(() => "---|").join("")}`);
for (const task of values.tasks.split(",")) {
  const model = Object.entries(tasks).find(([name]) => name === task)?.[1];
  if (model === undefined) throw new Error(`there is no task "${task}"`);
  const simulations = Number(values.simulations);
  const cells: string[] = [];
  for (const choice of names) {
    const scores: Score[] = [];
    for (const seed of seeds)
      scores.push(await score(model, { method, task, simulations, seed, choice }));
    const losses = scores.map(({ loss }) => loss);
    const [least, most] = [Math.min(...losses), Math.max(...losses)];
    const seconds = mean(scores.map((made) => made.seconds));
    cells.push(
      `${mean(losses).toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)}; ${seconds.toFixed(0)} s)`,
    );
  }
  console.log(`| ${task} | ${simulations} | ${cells.join(" | ")} |`);
}
process.exit(0);
