/**
 * Several grouping terms: Penicillin, crossed, and Pastes, nested, beside NUTS, and drawn models of crossed and nested groups.
 */
import { halfNormal, normal, Refusal, stream, type Stream } from "amortis";
import { lmm, type MixedEstimator } from "../../models/mixed/src/index.js";
import { compare } from "./compare.js";
import {
  checksOf,
  coverageTable,
  quantile,
  rankOf,
  tableOf,
  timer,
  type AnyPosterior,
} from "./shared.js";

/** Zones of inhibition of six samples on each of 24 plates: crossed. */
export async function comparePenicillin(estimator: MixedEstimator): Promise<void> {
  const table = await tableOf("Penicillin");
  const data = { ...table, diameter: (table["diameter"] ?? []).map(Number) };
  await compare("Penicillin", 20_000, (options) =>
    lmm("diameter ~ (1 | plate) + (1 | sample)", data, { estimator, ...options }),
  );
}

/** Strengths of paste in three casks of each of ten batches: nested. */
export async function comparePastes(estimator: MixedEstimator): Promise<void> {
  const table = await tableOf("Pastes");
  const data = { ...table, strength: (table["strength"] ?? []).map(Number) };
  await compare("Pastes", 20_000, (options) =>
    lmm("strength ~ (1 | batch / cask)", data, { estimator, ...options }),
  );
}

const DESIGNS = [
  "(1 | s) + (1 | i)",
  "(x | s) + (1 | i)",
  "(x || s) + (x | i)",
  "(1 | s / t)",
  "(x | s) + (1 | i) + (1 | s:t)",
] as const;

/** Subjects by items, of each pair one observation or none, with blocks t of each subject's. */
function drawCrossed(random: Stream) {
  const design = DESIGNS[random.categorical(DESIGNS.map(() => 1))] ?? DESIGNS[0];
  const subjects = 4 + Math.floor(36 * random.uniform() ** 2);
  const items = 4 + Math.floor(20 * random.uniform() ** 2);
  const seen = 0.3 + 0.7 * random.uniform();
  const rows = Array.from({ length: subjects * items }, (_, at) => ({
    s: Math.floor(at / items),
    i: at % items,
    t: (at % items) % 3,
    x: random.normal(),
  })).filter((row) => row.i === row.s % items || random.uniform() < seen);
  // Standard deviations by name, of effects in the order of the formula.
  const terms = design.includes("/")
    ? [["s:t", ["(Intercept)"]] as const, ["s", ["(Intercept)"]] as const]
    : design
        .split(" + ")
        .map(
          (term) =>
            [
              term.replace(/.*\| (.*)\)/u, "$1"),
              term.startsWith("(x") ? ["(Intercept)", "x"] : ["(Intercept)"],
            ] as const,
        );
  const sds: Record<string, number> = {};
  const effects = terms.map(([group, names]) => {
    const own = names.map((name) => {
      const value = Math.abs(random.normal());
      sds[`${name} | ${group === "s:t" && design.includes("/") ? "t:s" : group}`] = value;
      return value;
    });
    const rho = design.includes(`|| ${group}`) || own.length === 1 ? 0 : 2 * random.uniform() - 1;
    const drawn = new Map<string, readonly [number, number]>();
    return (row: (typeof rows)[number]): number => {
      const key = group === "s:t" ? `${row.s} ${row.t}` : String(group === "s" ? row.s : row.i);
      let b = drawn.get(key);
      if (b === undefined) {
        const first = random.normal();
        const second = rho * first + Math.sqrt(1 - rho * rho) * random.normal();
        b = [(own[0] ?? 0) * first, (own[1] ?? 0) * second];
        drawn.set(key, b);
      }
      return b[0] + b[1] * row.x;
    };
  });
  const sigma = Math.abs(random.normal());
  const beta = [random.normal(), random.normal()] as const;
  const y = rows.map(
    (row) =>
      beta[0] +
      beta[1] * row.x +
      effects.reduce((sum, effect) => sum + effect(row), 0) +
      sigma * random.normal(),
  );
  const column = (name: "s" | "i" | "t" | "x") => rows.map((row) => row[name]);
  return {
    formula: `y ~ x + ${design}`,
    table: { y, s: column("s"), i: column("i"), t: column("t"), x: column("x") },
    sds,
    sigma,
    beta,
  };
}

/** Drawn models, their priors standard normal and half-normal, and where the truth lies in what is answered. */
export async function freshCrossed(
  estimator: MixedEstimator,
  count: number,
  seed: string,
): Promise<void> {
  const random = stream(seed).split("fresh crossed");
  const found: AnyPosterior[] = [];
  const seconds: number[] = [];
  const ranks: Record<string, number[]> = { x: [], "first sd": [], "last sd": [], sigma: [] };
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const { formula, table, sds, sigma, beta } = drawCrossed(random.split(i));
    const names = Object.keys(sds);
    const priors = {
      fixed: { "(Intercept)": normal(0, 1), x: normal(0, 1) },
      sd: Object.fromEntries(names.map((name) => [name, halfNormal(1)])),
      sigma: halfNormal(1),
    };
    try {
      const stop = timer();
      const posterior = await lmm(formula, table, { estimator, priors, seed: i });
      seconds.push(stop().processor);
      found.push(posterior);
      const [first, last] = [names[0] ?? "", names.at(-1) ?? ""];
      ranks["x"]?.push(rankOf(posterior, "x", beta[1]));
      ranks["first sd"]?.push(rankOf(posterior, `sd(${first})`, sds[first] ?? 0));
      ranks["last sd"]?.push(rankOf(posterior, `sd(${last})`, sds[last] ?? 0));
      ranks["sigma"]?.push(rankOf(posterior, "sigma", sigma));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused++;
      console.log(i, formula, `${table.y.length} rows:`, error.message);
    }
  }
  console.log(
    `${count} crossed problems: ${refused} refused; ${found.filter(({ check }) => check.rounds > 0).length} with proposals drawn again; seconds of the processor at 50 % and 95 %: ${quantile(seconds, 0.5).toFixed(2)}, ${quantile(seconds, 0.95).toFixed(2)}`,
  );
  console.log(checksOf(found));
  coverageTable(ranks);
}
