/**
 * A diagnosis in words: whether posteriors are calibrated, which parameter is not, in which direction, where, and what to do.
 */
import type { DrawsDiagnosis, ParameterDiagnosis } from "./diagnose-draws.js";
import {
  adviceOn,
  FALSE_ALARMS,
  faultWords,
  percent,
  short,
  type Fault,
  type FaultKind,
} from "./faults.js";
import type { Place } from "./places.js";

/** Level of the test of whether a fault is the same everywhere, which decides on words alone. */
const ELSEWHERE = 0.01;

/**
 * Contraction below which a posterior is no narrower than its prior; the larger, where its error is as large, beyond which it is not known: variances say nothing of parameters with heavy
 * tails.
 */
const [NOTHING, LITTLE] = [0.02, 0.1];

/** Standard errors from zero on of a correlation that is there. */
const CORRELATED = 4;

/** What the words follow from. */
type Found = Omit<DrawsDiagnosis, "verdict">;

/** The verdict, a line each: first the answer, then what was found, then what to do. */
export function verdictOn(found: Found): readonly string[] {
  const { parameters, derived, simulations, refused, tests } = found;
  const quantities = [...parameters, ...derived];
  const faults = quantities.flatMap((parameter) => faultOf(parameter, found));
  const joint = jointFaults(found, faults.length > 0);
  const left =
    refused > 0
      ? [`${refused} of ${simulations + refused} data sets were refused, and are not judged`]
      : [];
  const silent = quantities.flatMap(uninformed);
  const head = found.calibrated
    ? `calibrated: no fault was found over ${simulations} fresh simulations, by ${tests.length} tests with 5 % false alarms in all`
    : `not calibrated: ${inShort(found, faults)}, over ${simulations} fresh simulations`;
  return [
    head,
    ...faults.map(({ words }) => words),
    ...joint.map(({ words }) => words),
    ...silent,
    ...left,
    ...adviceOn([...faults, ...joint]),
  ];
}

/** The tests that found something, of a parameter or of all together. */
function findings({ tests }: Found, parameter?: string): ReadonlySet<string> {
  const own = tests.filter((test) => test.parameter === parameter && test.adjusted < FALSE_ALARMS);
  return new Set(own.map(({ name }) => name));
}

function inShort(found: Found, faults: readonly Fault[]): string {
  if (found.outside > 0) return "draws lie where the prior has no mass";
  if (faults.length === 0) return "no parameter shows it alone, but all together do";
  return faults.map(({ parameter, kinds }) => `${parameter} ${faultWords(kinds)}`).join(", ");
}

function faultOf(parameter: ParameterDiagnosis, found: Found): readonly Fault[] {
  const names = findings(found, parameter.name);
  if (names.size === 0) return [];
  const { rankScores, places, coverage, name } = parameter;
  const kinds: FaultKind[] = [];
  const parts: string[] = [];
  const at90 = coverage.find(({ level }) => level === 0.9)?.share.value ?? Number.NaN;
  const narrow = rankScores.spread.z > 0;
  // Scores of truths beyond all draws are all alike, so that a large shift seems to narrow them: intervals must agree.
  if (names.has("spread") && narrow === at90 < 0.9) {
    kinds.push(narrow ? "narrow" : "wide");
    parts.push(
      `${narrow ? "overconfident" : "underconfident"}: its 90 % intervals hold the truth in ${percent(at90)} of cases, as if its standard deviations were about ${short(1 / rankScores.scale)} times what they should be`,
    );
  }
  if (names.has("shift")) {
    kinds.push("biased");
    parts.push(
      `biased ${rankScores.shift.z > 0 ? "downwards" : "upwards"}, by about ${short(Math.abs(rankScores.mean))} posterior standard deviations`,
    );
  }
  const where = whereOf(places.parts);
  if (kinds.length === 0) {
    kinds.push("shape");
    parts.push(
      names.has("places") && !names.has("ranks")
        ? `right on average, but not everywhere: ${where}`
        : "of the wrong shape: truths are not spread over its draws as they should be",
    );
  } else if (places.samePValue < ELSEWHERE) {
    parts.push(`worst ${where}`);
  }
  return [{ kinds, parameter: name, words: `${name} is ${parts.join("; and ")}` }];
}

/** The part of the space with the largest score, in words. */
function whereOf(parts: readonly Place[]): string {
  const size = ({ shift, spread }: Place): number => shift.z ** 2 + spread.z ** 2;
  const worst = parts.reduce((a, b) => (size(b) > size(a) ? b : a));
  const { lower, upper, shift, spread, scale, mean } = worst;
  const what =
    Math.abs(spread.z) >= Math.abs(shift.z)
      ? `standard deviations ${short(1 / scale)} times what they should be`
      : `${short(Math.abs(mean))} standard deviations too ${mean > 0 ? "low" : "high"}`;
  return `where its posterior mean is from ${short(lower)} to ${short(upper)} (there: ${what})`;
}

function jointFaults(found: Found, marginal: boolean): readonly Fault[] {
  const names = findings(found);
  const faults: Fault[] = [];
  if (found.outside > 0) {
    faults.push({
      kinds: ["leak"],
      words: `leaks: ${percent(found.outside)} of draws lie outside the prior's support`,
    });
  }
  if (names.has("data-averaged")) {
    faults.push({
      kinds: ["prior"],
      words:
        "draws of all posteriors together are not spread as the true parameters are: posteriors believe another prior than that of these simulations, or are wrong alike everywhere",
    });
  }
  const shape = ["joint ranks", "density", "tarp"].filter((name) => names.has(name));
  if (shape.length > 0 && !marginal) {
    faults.push({
      kinds: ["joint"],
      words: `the parameters together are wrong where none is by itself: correlations or tails (${shape.join(", ")})`,
    });
  }
  // Posteriors that are wrong by themselves can be told from truths for that alone, but not where all of them are as wide as the prior.
  const blind = found.parameters.every((parameter) => uninformed(parameter).length > 0);
  if (names.has("learned") && (blind || (!marginal && shape.length === 0))) {
    faults.push({
      kinds: ["unused"],
      words:
        "the data say more of the parameters than the posteriors know: truths can be told from draws by looking at the data",
    });
  }
  return faults;
}

function uninformed({ name, contraction, recovery }: ParameterDiagnosis): readonly string[] {
  const { value, standardError } = contraction;
  const isNone = value < Math.max(NOTHING, Math.min(LITTLE, 2 * standardError));
  if (!isNone || standardError > LITTLE) return [];
  if (recovery.value > CORRELATED * recovery.standardError) return [];
  return [
    `${name} is as wide as its prior (contraction ${short(value)} ± ${short(standardError)}): nothing was learned of it, because the data do not tell, or because data and parameters do not belong together`,
  ];
}
