/**
 * Generalised mixed models: two studies beside NUTS, and drawn models of all sorts.
 */
import { Refusal, stream } from "amortis";
import { cbpp, glmm, type FamilyName, type MixedEstimator } from "../../models/mixed/src/index.js";
import { drawCounts } from "../../models/mixed/src/simulate-counts.js";
import { compare } from "./compare.js";
import {
  asked,
  checksOf,
  coverageTable,
  quantile,
  rankOf,
  tableOf,
  timer,
  type AnyPosterior,
} from "./shared.js";

/** Cases in herds, binomial. */
export async function compareCbpp(estimator: MixedEstimator): Promise<void> {
  await compare("cbpp", 20_000, (options) =>
    glmm("incidence ~ period + (1 | herd)", cbpp, {
      family: "binomial",
      trials: "size",
      estimator,
      ...options,
    }),
  );
}

/** Ticks on chicks, Poisson. */
export async function compareGrouseticks(estimator: MixedEstimator): Promise<void> {
  const table = await tableOf("grouseticks");
  const height = (table["HEIGHT"] ?? []).map(Number);
  const mean = height.reduce((sum, value) => sum + value, 0) / height.length;
  const data = {
    TICKS: (table["TICKS"] ?? []).map(Number),
    YEAR: table["YEAR"] ?? [],
    cHEIGHT: height.map((value) => value - mean),
    BROOD: table["BROOD"] ?? [],
  };
  await compare("grouseticks", 6_000, (options) =>
    glmm("TICKS ~ YEAR + cHEIGHT + (1 | BROOD)", data, {
      family: "poisson",
      estimator,
      ...options,
    }),
  );
}

/** Drawn models of all sorts with so many rows at most, each with its own priors, and where the truth lies in what is answered. */
export async function freshCounts(
  estimator: MixedEstimator,
  family: FamilyName,
  count: number,
  seed: string,
  rows = Infinity,
): Promise<void> {
  const random = stream(seed).split(`fresh ${family}`);
  const found: AnyPosterior[] = [];
  const seconds: number[] = [];
  let refused = 0;
  const ranks: Record<string, number[]> = { intercept: [], sd: [], correlation: [], effect: [] };
  for (let i = 0; found.length + refused < count; i++) {
    const drawn = drawCounts(random.split(i), family);
    if (drawn.observations.response.length > rows) continue;
    const { formula, table, priors, own } = asked(drawn);
    const first = own[0] ?? "";
    try {
      const stop = timer();
      const posterior = await glmm(
        formula,
        { ...table, m: drawn.trials },
        { family, ...(family === "binomial" ? { trials: "m" } : {}), estimator, priors, seed: i },
      );
      seconds.push(stop().processor);
      found.push(posterior);
      ranks["intercept"]?.push(rankOf(posterior, "(Intercept)", drawn.fixed[0] ?? 0));
      ranks["sd"]?.push(rankOf(posterior, `sd(${first} | g)`, drawn.sd[0] ?? 0));
      ranks["effect"]?.push(rankOf(posterior, `${first} | g[0]`, drawn.effects[0] ?? 0));
      if (drawn.priors.correlated) {
        const name = `cor(${first}, ${own[1] ?? ""} | g)`;
        ranks["correlation"]?.push(rankOf(posterior, name, drawn.partial[0] ?? 0));
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused++;
      const { response, groups } = drawn.observations;
      console.log(i, formula, `${response.length} rows, ${groups} groups:`, error.message);
    }
  }
  console.log(
    `${count} problems, ${family}: ${refused} refused; ${found.filter(({ check }) => check.rounds > 0).length} with proposals drawn again; seconds of the processor at 50 % and 95 %: ${quantile(seconds, 0.5).toFixed(2)}, ${quantile(seconds, 0.95).toFixed(2)}`,
  );
  console.log(checksOf(found));
  coverageTable(ranks);
}

/** Groups of five zeros and ones, more and more of them: where Laplace's approximation is off by several standard errors. */
export async function manyBinary(estimator: MixedEstimator): Promise<void> {
  console.log(
    "| groups of 5 | seconds of the processor | k | effective | intercept (true 0.5) | sd of intercepts (true 1) |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const groups of [20, 100, 500]) {
    const random = stream(7).split(`binary ${groups}`);
    const g = Array.from({ length: groups * 5 }, (_, i) => Math.floor(i / 5));
    const effects = Array.from({ length: groups }, () => random.normal());
    const y = g.map((j) => random.uniform() < 1 / (1 + Math.exp(-0.5 - (effects[j] ?? 0))));
    const stop = timer();
    const posterior = await glmm("y ~ (1 | g)", { y, g }, { family: "binomial", estimator });
    const { processor } = stop();
    const [mean, sd] = [posterior.mean(), posterior.sd()];
    const shown = (of: "fixed" | "sd"): string =>
      `${(mean[of]["(Intercept)"] ?? 0).toFixed(3)} ± ${(sd[of]["(Intercept)"] ?? 0).toFixed(3)}`;
    const { k, effective, proposals, rounds } = posterior.check;
    console.log(
      `| ${groups} | ${processor.toFixed(2)} | ${k.toFixed(2)} | ${effective.toFixed(0)} of ${proposals}${rounds > 0 ? ", drawn again" : ""} | ${shown("fixed")} | ${shown("sd")} |`,
    );
  }
}
