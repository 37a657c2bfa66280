/**
 * Mixed models by the pretrained estimator: sleepstudy beside NUTS, problems of all sorts that it has not seen, and many groups; generalised models and several grouping terms likewise.
 *
 *     npm run experiment:mixed -- [--only sleepstudy|fresh|groups|cbpp|grouseticks|binomial|poisson|binary|penicillin|pastes|crossed] [--problems 200] [--rows 100]
 */
import { parseArgs } from "node:util";
import { Refusal, stream } from "amortis";
import {
  lmm,
  loadMixed,
  sleepstudy,
  type FamilyName,
  type MixedPosterior,
} from "../../models/mixed/src/index.js";
import { drawProblem } from "../../models/mixed/src/simulate.js";
import { comparePastes, comparePenicillin, freshCrossed } from "./crossed.js";
import { compareCbpp, compareGrouseticks, freshCounts, manyBinary } from "./generalised.js";
import { asked, checksOf, coverageTable, fixture, quantile, rankOf, timer } from "./shared.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    problems: { type: "string", default: "200" },
    rows: { type: "string" },
    seed: { type: "string", default: "1" },
    estimator: { type: "string" },
  },
});
const estimator = await loadMixed(values.estimator);
const FORMULA = "Reaction ~ Days + (Days | Subject)";

async function compareSleepstudy(): Promise<void> {
  const { parameters } = await fixture<{
    readonly parameters: Readonly<Record<string, { readonly mean: number; readonly sd: number }>>;
  }>("sleepstudy-nuts");
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
  for (let i = 0; i < count; i++) {
    const drawn = drawProblem(random.split(i));
    const { formula, table, priors, own } = asked(drawn);
    try {
      const posterior = await lmm(formula, table, {
        estimator,
        priors: { ...priors, sigma: drawn.priors.sigma },
        seed: i,
      });
      found.push(posterior);
      ranks["intercept"]?.push(rankOf(posterior, "(Intercept)", drawn.fixed[0] ?? 0));
      ranks["sigma"]?.push(rankOf(posterior, "sigma", drawn.sigma));
      ranks["sd"]?.push(rankOf(posterior, `sd(${own[0] ?? ""} | g)`, drawn.sd[0] ?? 0));
      if (drawn.priors.correlated) {
        ranks["correlation"]?.push(
          rankOf(posterior, `cor(${own[0] ?? ""}, ${own[1] ?? ""} | g)`, drawn.partial[0] ?? 0),
        );
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused++;
      console.log(i, formula, error.message);
    }
  }
  console.log(
    `${count} problems: ${refused} refused; ${found.filter(({ check }) => check.rounds > 0).length} with proposals drawn again`,
  );
  console.log(checksOf(found));
  coverageTable(ranks);
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

const drawn = (family: FamilyName) =>
  freshCounts(
    estimator,
    family,
    Number(values.problems),
    values.seed,
    Number(values.rows ?? "Infinity"),
  );
const runs = {
  sleepstudy: compareSleepstudy,
  fresh: () => freshProblems(Number(values.problems)),
  groups: manyGroups,
  cbpp: () => compareCbpp(estimator),
  grouseticks: () => compareGrouseticks(estimator),
  binomial: () => drawn("binomial"),
  binary: () => manyBinary(estimator),
  penicillin: () => comparePenicillin(estimator),
  pastes: () => comparePastes(estimator),
  crossed: () => freshCrossed(estimator, Number(values.problems), values.seed),
  poisson: () => drawn("poisson"),
};
for (const [name, run] of Object.entries(runs)) {
  if (values.only === undefined || values.only === name) await run();
}
await estimator.release();
