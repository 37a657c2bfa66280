/**
 * Mixed models by the pretrained estimator: sleepstudy beside NUTS, problems of all sorts that it has not seen, and many groups.
 *
 *     npm run experiment:mixed -- [--only sleepstudy|fresh|groups] [--problems 200]
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { normal, Refusal, stream } from "amortis";
import { lmm, loadMixed, sleepstudy, type MixedPosterior } from "../../models/mixed/src/index.js";
import { drawProblem, type DrawnProblem } from "../../models/mixed/src/simulate.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    problems: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    estimator: { type: "string" },
  },
});
const estimator = await loadMixed(values.estimator);
const FORMULA = "Reaction ~ Days + (Days | Subject)";

/** Seconds of this process's processor, which others on the machine do not make longer, and by the clock. */
function timer(): () => { readonly processor: number; readonly clock: number } {
  const [cpu, clock] = [process.cpuUsage(), performance.now()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { processor: (user + system) / 1e6, clock: (performance.now() - clock) / 1e3 };
  };
}

function quantile(numbers: readonly number[], level: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.round(level * (sorted.length - 1))] ?? Number.NaN;
}

async function compareSleepstudy(): Promise<void> {
  const path = new URL("../../models/mixed/test/fixtures/sleepstudy-nuts.json", import.meta.url);
  const text = await readFile(path, "utf8");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what models/mixed/test/fixtures/sleepstudy_nuts.py writes
  const { parameters } = JSON.parse(text) as {
    parameters: Readonly<Record<string, { readonly mean: number; readonly sd: number }>>;
  };
  const posterior = await lmm(FORMULA, sleepstudy, {
    estimator,
    proposals: 40_000,
    samples: 40_000,
  });
  console.log(posterior.check, `log evidence ${posterior.logEvidence.toFixed(2)}`);
  const [mean, sd] = [posterior.all.mean(), posterior.all.sd()];
  console.log("| parameter | lmm: mean, sd | NUTS: mean, sd | means differ by | sds differ by |");
  console.log("|---|---|---|---|---|");
  let [worstMean, worstSd, worstOfSd] = [0, 0, 0];
  for (const [name, theirs] of Object.entries(parameters)) {
    const effect = /^(.*)\[(\d+)\]$/u.exec(name);
    const place = posterior.levels.indexOf(effect?.[2] ?? "");
    const of = (all: Readonly<Record<string, number | Float64Array>>): number => {
      const value = all[effect === null ? name : `${effect[1] ?? ""} | Subject`];
      return typeof value === "number" ? value : (value?.[place] ?? Number.NaN);
    };
    const [ownMean, ownSd] = [of(mean), of(sd)];
    const change = ownSd / theirs.sd - 1;
    worstOfSd = Math.max(worstOfSd, Math.abs(ownMean - theirs.mean) / theirs.sd);
    worstSd = Math.max(worstSd, Math.abs(change));
    if (effect !== null) continue;
    worstMean = Math.max(worstMean, Math.abs(ownMean / theirs.mean - 1));
    console.log(
      `| ${name} | ${ownMean.toFixed(3)}, ${ownSd.toFixed(3)} | ${theirs.mean.toFixed(3)}, ${theirs.sd.toFixed(3)} | ${(100 * (ownMean / theirs.mean - 1)).toFixed(2)} %, ${((ownMean - theirs.mean) / theirs.sd).toFixed(3)} sd | ${(100 * change).toFixed(2)} % |`,
    );
  }
  console.log(
    `all, effects of subjects included: means within ${worstOfSd.toFixed(3)} sd, sds within ${(100 * worstSd).toFixed(1)} %`,
  );
  const times: number[] = [];
  const processor: number[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const stop = timer();
    await lmm(FORMULA, sleepstudy, { estimator, seed });
    const taken = stop();
    times.push(1e3 * taken.clock);
    processor.push(1e3 * taken.processor);
  }
  console.log(
    `an answer of 2,000 draws: ${quantile(times, 0.5).toFixed(0)} ms by the clock (fastest ${Math.min(...times).toFixed(0)}), ${quantile(processor, 0.5).toFixed(0)} ms of the processor (least ${Math.min(...processor).toFixed(0)})`,
  );
}

/** A drawn problem as a formula, columns and priors. */
function asked(drawn: DrawnProblem) {
  const { fixed, random, response, group } = drawn.observations;
  const names = fixed.map((_, k) => (k === 0 ? "(Intercept)" : `x${k}`));
  const place = fixed.findIndex((column) => column === random[0]);
  const own = names.slice(place, place + random.length);
  const terms = own.map((name) => (name === "(Intercept)" ? "1" : name));
  const formula = `y ~ ${["1", ...names.slice(1)].join(" + ")} + (${[...(place === 0 ? [] : ["0"]), ...terms].join(" + ")} ${drawn.priors.correlated ? "|" : "||"} g)`;
  const table = {
    y: Array.from(response),
    g: Array.from(group),
    ...Object.fromEntries(fixed.slice(1).map((column, k) => [`x${k + 1}`, Array.from(column)])),
  };
  const priors = {
    fixed: Object.fromEntries(
      names.map((name, k) => [
        name,
        normal(drawn.fixedPrior.mean[k] ?? 0, drawn.fixedPrior.sd[k] ?? 1),
      ]),
    ),
    sd: Object.fromEntries(own.map((name, k) => [name, drawn.priors.sd[k] ?? drawn.priors.sigma])),
    sigma: drawn.priors.sigma,
    lkj: drawn.priors.lkj,
  };
  return { formula, table, priors, own };
}

async function freshProblems(count: number): Promise<void> {
  const random = stream(values.seed).split("fresh");
  const found: MixedPosterior[] = [];
  let refused = 0;
  const ranks: Record<string, number[]> = {
    intercept: [],
    sd: [],
    correlation: [],
    sigma: [],
    effect: [],
  };
  const rank = (posterior: MixedPosterior, name: string, truth: number): number => {
    const { flatNames } = { flatNames: posterior.all.parameterNames };
    const at = flatNames.indexOf(name);
    const p = flatNames.length;
    let below = 0;
    for (let i = 0; i < posterior.draws.length / p; i++)
      below += (posterior.draws[i * p + at] ?? 0) < truth ? 1 : 0;
    return below / (posterior.draws.length / p);
  };
  for (let i = 0; i < count; i++) {
    const drawn = drawProblem(random.split(i));
    const { formula, table, priors, own } = asked(drawn);
    try {
      const posterior = await lmm(formula, table, { estimator, priors, seed: i });
      found.push(posterior);
      ranks["intercept"]?.push(rank(posterior, "(Intercept)", drawn.fixed[0] ?? 0));
      ranks["sigma"]?.push(rank(posterior, "sigma", drawn.sigma));
      ranks["sd"]?.push(rank(posterior, `sd(${own[0] ?? ""} | g)`, drawn.sd[0] ?? 0));
      if (drawn.priors.correlated) {
        ranks["correlation"]?.push(
          rank(posterior, `cor(${own[0] ?? ""}, ${own[1] ?? ""} | g)`, drawn.partial[0] ?? 0),
        );
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused++;
      console.log(i, formula, error.message);
    }
  }
  const of = (take: (posterior: MixedPosterior) => number) =>
    [0.05, 0.5, 0.95].map((level) => quantile(found.map(take), level).toFixed(2)).join(", ");
  console.log(
    `${count} problems: ${refused} refused; ${found.filter(({ check }) => check.rounds > 0).length} with proposals drawn again`,
  );
  console.log(
    `5 %, 50 %, 95 %: k ${of(({ check }) => check.k)}; effective share ${of(({ check }) => check.effective / check.proposals)}; acceptance ${of(({ check }) => check.acceptance)}`,
  );
  console.log("| parameter | problems | within central 50 % | within central 90 % |");
  console.log("|---|---|---|---|");
  for (const [name, own] of Object.entries(ranks)) {
    if (own.length === 0) continue;
    const share = (level: number): string => {
      const within = own.filter((value) => Math.abs(value - 0.5) < level / 2).length / own.length;
      return `${(100 * within).toFixed(1)} ± ${(100 * Math.sqrt((level * (1 - level)) / own.length)).toFixed(1)} %`;
    };
    console.log(`| ${name} | ${own.length} | ${share(0.5)} | ${share(0.9)} |`);
  }
}

async function manyGroups(): Promise<void> {
  console.log(
    "| groups of 5 | seconds of the processor | k | effective | sd of intercepts (true 1.2) | of slopes (0.4) |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const groups of [10, 100, 1_000, 10_000]) {
    const random = stream(7).split(groups);
    const g = Array.from({ length: groups * 5 }, (_, i) => Math.floor(i / 5));
    const x = g.map((_, i) => (i % 5) - 2);
    const effects = Array.from(
      { length: groups },
      () => [1.2 * random.normal(), 0.4 * random.normal()] as const,
    );
    const y = g.map(
      (j, i) =>
        3 + (effects[j]?.[0] ?? 0) + (0.5 + (effects[j]?.[1] ?? 0)) * (x[i] ?? 0) + random.normal(),
    );
    const stop = timer();
    const posterior = await lmm("y ~ x + (x | g)", { y, x, g }, { estimator, samples: 500 });
    const { processor } = stop();
    const [mean, sd] = [posterior.mean().sd, posterior.sd().sd];
    const shown = (name: string): string =>
      `${(mean[name] ?? 0).toFixed(3)} ± ${(sd[name] ?? 0).toFixed(3)}`;
    console.log(
      `| ${groups} | ${processor.toFixed(2)} | ${posterior.check.k.toFixed(2)} | ${posterior.check.effective.toFixed(0)} of ${posterior.check.proposals} | ${shown("(Intercept)")} | ${shown("x")} |`,
    );
  }
}

const runs = {
  sleepstudy: compareSleepstudy,
  fresh: () => freshProblems(Number(values.problems)),
  groups: manyGroups,
};
for (const [name, run] of Object.entries(runs)) {
  if (values.only === undefined || values.only === name) await run();
}
await estimator.release();
