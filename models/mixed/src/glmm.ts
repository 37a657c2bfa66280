/**
 * Generalised linear mixed models by a formula.
 *
 *     y_i | η_i ~ binomial(m_i, logit⁻¹ η_i) or Poisson(e^η_i),      η = X β + Z b + offset,      b_j ~ N(0, Σ),      β ~ N(m, S)
 *
 * The network that proposes variances of linear models does so here, told of the linear model that stands for this one near its posterior (`generalised-look.ts`); β is proposed from what that model has it given the variances,
 * β = P⁻¹ h + L⁻ᵀ e with e standard normal. Each (Σ, β) is weighed by an unbiased estimate of the exact likelihood, an integral over the effects of each group by a few points (`group-integrals.ts`): so a proposal that is poor makes an answer
 * dearer, or has it refused, but not wrong. Effects of groups are drawn among those points.
 *
 * References: metabeta, "Bayesian mixed-effects models by pretrained networks" (arXiv 2609.24422); Tran, Scharth, Pitt & Kohn 2013, "Importance sampling squared", arXiv 1309.3339.
 */
import { InvalidArgumentError, stream } from "amortis";
import { requireKnown, type KnownOptions } from "amortis/extend";
import { answerOf, writeCorrelations, writeEffects, writeSds } from "./answer.js";
import { SIZE } from "./coordinates.js";
import { correct, SHARE } from "./correction.js";
import { countsOf } from "./counts.js";
import { choosePriors } from "./default-priors.js";
import { designOf, type Table } from "./design.js";
import { loadMixed, networkProposals } from "./estimator.js";
import { familyOf, type FamilyName } from "./family.js";
import { parseFormula } from "./formula.js";
import { lookAtCounts } from "./generalised-look.js";
import { choosePoints, GeneralisedTarget } from "./generalised-target.js";
import type { Counts } from "./group-integrals.js";
import type { MixedPosterior } from "./mixed-posterior.js";
import { requireFew, requireNumbers, type MixedOptions } from "./options.js";
import { sideBySide, standardNormal } from "./side-by-side.js";

/** How a generalised linear mixed model is answered. */
export interface GlmmOptions extends MixedOptions {
  /** Of the response: "binomial" with the logit link, of zeros and ones or of counts of `trials`; "poisson" with the log link. */
  readonly family: FamilyName;
  /** The column with the numbers of trials of a binomial response; without it each is one. */
  readonly trials?: string;
  /** A column that is added to the linear predictor, such as the logarithm of an exposure. */
  readonly offset?: string;
}

const KNOWN: KnownOptions<GlmmOptions> = {
  family: true,
  trials: true,
  offset: true,
  priors: true,
  samples: true,
  proposals: true,
  seed: true,
  correction: true,
  estimator: true,
};

/**
 * The posterior of a generalised linear mixed model.
 *
 * @param formula as of lme4, with one grouping term of three effects at most: "y ~ x + (x | group)".
 * @param data columns by name: numbers, or labels of factors and groups. The response is counts, or of a binomial family without `trials` zeros and ones, or truths.
 * @param options.family "binomial" or "poisson"; the others have defaults, those of `lmm`.
 * @returns as of `lmm`, but without sigma: `fixed`, `sd`, `correlation` and `groups` on the scale of the link.
 * @throws InvalidArgumentError where the formula, the data or a count cannot be; Refusal where the answer could not be trusted.
 * @example
 * const posterior = await glmm("incidence ~ period + (1 | herd)", cbpp, { family: "binomial", trials: "size" });
 * posterior.mean().fixed.period2;     // log odds against those of the first period
 * posterior.check;                    // { k, effective, acceptance, ... }
 */
export async function glmm(
  formula: string,
  data: Table,
  options: GlmmOptions,
): Promise<MixedPosterior<never>> {
  // A caller without types may leave options out.
  const asked: Partial<GlmmOptions> | undefined = options;
  familyOf(asked?.family);
  requireKnown("glmm", options, KNOWN);
  const { samples = 2_000, proposals = 2_000, seed = 0, correction = "importance" } = options;
  requireNumbers("glmm", { samples, proposals });
  if (options.priors?.sigma !== undefined) {
    throw new InvalidArgumentError(
      `glmm: there is a prior of sigma, but a ${options.family} response has no residual standard deviation`,
    );
  }
  const parsed = parseFormula(formula);
  const design = designOf(parsed, withNumbers(data, parsed.response));
  requireFew("glmm", formula, design);
  const [term, ...others] = design.terms;
  if (term === undefined || others.length > 0) {
    throw new InvalidArgumentError(
      `glmm: the formula "${formula}" has ${design.terms.length} grouping terms, but of generalised models one is what can be answered`,
    );
  }
  const counts = countsOf(parsed.response, data, design, term, options);
  const scale = { centre: centreOf(counts), fixed: 1, random: 2 };
  const chosen = choosePriors("glmm", design, scale, options.priors);
  const [priors] = chosen.terms;
  if (priors === undefined) throw new InvalidArgumentError("glmm: there is no grouping term");
  const look = lookAtCounts(counts, chosen.fixed, priors);
  choosePoints(look, stream(seed).split("points"));
  const target = new GeneralisedTarget(look, priors);
  const estimator = options.estimator ?? (await loadMixed());
  const drawn = Math.ceil(SHARE * proposals);
  const network = await networkProposals(estimator, look.features, drawn, seed);
  const { p, q, groups } = look.marginal.problem;
  const random = stream(seed).split("correction");
  const size = SIZE + p;
  let round = -1;
  const corrected = await correct(
    sideBySide([network, standardNormal(p, random.split("fixed"))]),
    (z) => {
      const own = random.split("integrals").split(++round);
      return Float64Array.from({ length: z.length / size }, (_, i) =>
        target.logDensity(z, i * size, own.split(i)),
      );
    },
    size,
    proposals,
    random,
    look.coordinates.idle,
  );
  // The integrals of the last round again, where effects are drawn.
  const own = random.split("integrals").split(round);
  const effects = new Float64Array(groups * q);
  const ones = new Float64Array(q).fill(1);
  return answerOf({
    formula: parsed,
    design,
    scalars: [],
    corrected,
    correction,
    samples,
    seed,
    logEvidence: corrected.logEvidence + logBase(counts),
    write: (row, fresh, by, values, from) => {
      if (fresh) target.logDensity(corrected.z, row * size, own.split(row));
      look.integrals.drawEffects(by, effects);
      values.set(target.fixed, from);
      let at = writeSds(target.variances, look.units, values, from + p);
      if (look.coordinates.correlated) at = writeCorrelations(target.variances, values, at);
      writeEffects(effects, ones, values, at);
    },
  });
}

/** Truths as zeros and ones; what is neither stays, and has its error where columns are read. */
function withNumbers(data: Table, response: string): Table {
  const column = Object.hasOwn(data, response) ? data[response] : undefined;
  if (column === undefined || typeof column[0] !== "boolean") return data;
  const values = Float64Array.from({ length: column.length }, (_, i) => {
    const value: unknown = column[i];
    return typeof value === "boolean" ? Number(value) : Number.NaN;
  });
  return { ...data, [response]: values };
}

/** What the link makes of the mean response, less the mean offset. */
function centreOf({ family, response, trials, offset }: Counts): number {
  const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
  return family.link(family.smoothed(sum(response), sum(trials))) - sum(offset) / response.length;
}

/** What of log p(y) no parameter changes. */
function logBase({ family, response, trials }: Counts): number {
  return response.reduce((sum, y, i) => sum + family.logBase(y, trials[i] ?? 1), 0);
}
