/**
 * What the experiments on mixed models share: clocks, quantiles, drawn problems as questions, tables beside NUTS and of coverage.
 */
import { readFile } from "node:fs/promises";
import { normal } from "amortis";
import type { MixedPosterior } from "../../models/mixed/src/index.js";
import type { VariancePriors } from "../../models/mixed/src/priors.js";
import type { FixedPrior, Observations } from "../../models/mixed/src/problem.js";

/** Any answer. */
export type AnyPosterior = MixedPosterior | MixedPosterior<never>;

/** Seconds of this process's processor, which others on the machine do not make longer, and by the clock. */
export function timer(): () => { readonly processor: number; readonly clock: number } {
  const [cpu, clock] = [process.cpuUsage(), performance.now()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { processor: (user + system) / 1e6, clock: (performance.now() - clock) / 1e3 };
  };
}

export function quantile(numbers: readonly number[], level: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.round(level * (sorted.length - 1))] ?? Number.NaN;
}

/** A drawn problem as a formula, columns and priors. */
export function asked({
  observations: { fixed, random, response, group },
  fixedPrior,
  priors,
}: {
  readonly observations: Observations;
  readonly fixedPrior: FixedPrior;
  readonly priors: VariancePriors;
}) {
  const names = fixed.map((_, k) => (k === 0 ? "(Intercept)" : `x${k}`));
  const place = fixed.findIndex((column) => column === random[0]);
  const own = names.slice(place, place + random.length);
  const terms = own.map((name) => (name === "(Intercept)" ? "1" : name));
  const formula = `y ~ ${["1", ...names.slice(1)].join(" + ")} + (${[...(place === 0 ? [] : ["0"]), ...terms].join(" + ")} ${priors.correlated ? "|" : "||"} g)`;
  const table = {
    y: Array.from(response),
    g: Array.from(group),
    ...Object.fromEntries(fixed.slice(1).map((column, k) => [`x${k + 1}`, Array.from(column)])),
  };
  const chosen = {
    fixed: Object.fromEntries(
      names.map((name, k) => [name, normal(fixedPrior.mean[k] ?? 0, fixedPrior.sd[k] ?? 1)]),
    ),
    sd: Object.fromEntries(own.map((name, k) => [name, priors.sd[k] ?? priors.sigma])),
    lkj: priors.lkj,
  };
  return { formula, table, priors: chosen, own };
}

/** The column of a parameter among draws. */
export function drawsOf(posterior: AnyPosterior, name: string): Float64Array {
  const names = posterior.all.parameterNames;
  const [at, p] = [names.indexOf(name), names.length];
  return Float64Array.from(
    { length: posterior.draws.length / p },
    (_, i) => posterior.draws[i * p + at] ?? Number.NaN,
  );
}

/** Share of draws below the truth. */
export function rankOf(posterior: AnyPosterior, name: string, truth: number): number {
  const draws = drawsOf(posterior, name);
  return draws.filter((value) => value < truth).length / draws.length;
}

/** How often the truth lies in central intervals, by its ranks. */
export function coverageTable(ranks: Readonly<Record<string, readonly number[]>>): void {
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

/** Of many answers: 5 %, 50 % and 95 % of what says how far they can be trusted. */
export function checksOf(found: readonly AnyPosterior[]): string {
  const of = (take: (posterior: AnyPosterior) => number) =>
    [0.05, 0.5, 0.95].map((level) => quantile(found.map(take), level).toFixed(2)).join(", ");
  return `5 %, 50 %, 95 %: k ${of(({ check }) => check.k)}; effective share ${of(({ check }) => check.effective / check.proposals)}; acceptance ${of(({ check }) => check.acceptance)}`;
}

interface Moments {
  readonly mean: number;
  readonly sd: number;
}

/** A fixture of `models/mixed/test/fixtures`. */
export async function fixture<T>(name: string): Promise<T> {
  const path = new URL(`../../models/mixed/test/fixtures/${name}.json`, import.meta.url);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the Python script of that name writes
  return JSON.parse(await readFile(path, "utf8")) as T;
}

/** A table of models/mixed/data, as text by column. */
export async function tableOf(name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const path = new URL(`../../models/mixed/data/${name}.csv`, import.meta.url);
  const [names = [], ...rows] = (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((row) => row.split(","));
  return Object.fromEntries(names.map((key, k) => [key, rows.map((row) => row[k] ?? "")]));
}

/** Means and standard deviations beside those of NUTS: of all but effects of groups line by line, then the largest difference. */
export function besideNuts(
  posterior: AnyPosterior,
  parameters: Readonly<Record<string, Moments>>,
): void {
  console.log("| parameter | here: mean, sd | NUTS: mean, sd | means differ by | sds differ by |");
  console.log("|---|---|---|---|---|");
  let [worstMean, worstSd] = [0, 0];
  for (const [name, theirs] of Object.entries(parameters)) {
    const draws = drawsOf(posterior, name);
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const sd = Math.sqrt(
      draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws.length - 1),
    );
    const [off, change] = [(mean - theirs.mean) / theirs.sd, sd / theirs.sd - 1];
    worstMean = Math.max(worstMean, Math.abs(off));
    worstSd = Math.max(worstSd, Math.abs(change));
    if (name.endsWith("]")) continue;
    console.log(
      `| ${name} | ${mean.toFixed(3)}, ${sd.toFixed(3)} | ${theirs.mean.toFixed(3)}, ${theirs.sd.toFixed(3)} | ${off.toFixed(3)} sd | ${(100 * change).toFixed(2)} % |`,
    );
  }
  console.log(
    `all ${Object.keys(parameters).length}, effects of groups included: means within ${worstMean.toFixed(3)} sd, sds within ${(100 * worstSd).toFixed(1)} %`,
  );
}
