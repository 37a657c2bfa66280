/**
 * A diagnosis of estimates in words: whether they are right, which is not, in which direction, where, and what to do.
 */
import type {
  EstimatedParameter,
  EstimatesDiagnosis,
  TestedEstimate,
} from "./diagnose-estimates.js";
import {
  adviceOn,
  FALSE_ALARMS,
  faultWords,
  percent,
  short,
  type Fault,
  type FaultKind,
} from "./faults.js";

/** Standard errors from zero on of a correlation that is there, and how large they may be where it is said that there is none. */
const [CORRELATED, KNOWN] = [4, 0.05];

/** What the words follow from. */
type Found = Omit<EstimatesDiagnosis, "verdict">;

/** The verdict, a line each: first the answer, then what was found, then what to do. */
export function estimateVerdict(found: Found): readonly string[] {
  const { parameters, tests, simulations, calibrated, estimate } = found;
  const faults = parameters.flatMap((parameter) => faultsOf(parameter, found));
  const silent = parameters.flatMap(uninformed);
  const over = `over ${simulations} fresh simulations`;
  return [headOf(), ...faults.map(({ words }) => words), ...silent, ...adviceOn(faults)];

  function headOf(): string {
    if (tests.length === 0) {
      return `measured, not tested: of estimates that are neither means nor quantiles ("${estimate}") nothing is known that truths would contradict, ${over}`;
    }
    if (calibrated) {
      return `calibrated: no fault was found ${over}, by ${tests.length} tests with 5 % false alarms in all`;
    }
    const named = faults.map(({ parameter, kinds }) =>
      kinds.includes("unused")
        ? `estimates of ${parameter} use less than the data tell`
        : `${parameter} ${faultWords(kinds)}`,
    );
    return `not calibrated: ${named.join(", ")}, ${over}`;
  }
}

/** What is wrong with a parameter's estimates: each by itself, or else that they use less than the data tell. */
function faultsOf(parameter: EstimatedParameter, { tests }: Found): readonly Fault[] {
  const { name, tested } = parameter;
  const wrong = (test: string, one: TestedEstimate): boolean =>
    tests.some(
      (found) =>
        found.name === test &&
        found.parameter === name &&
        found.estimate === one.name &&
        found.adjusted < FALSE_ALARMS,
    );
  const shifted = tested.filter((one) => wrong("level", one));
  if (shifted.length > 0) return [ofLevels(parameter, shifted)];
  const placed = tested.filter((one) => wrong("places", one));
  if (placed.length > 0) return [ofPlaces(name, placed)];
  const blind = tested.filter((one) => wrong("learned", one));
  if (blind.length === 0) return [];
  return [
    {
      kinds: ["unused"],
      parameter: name,
      words: `the data say more of ${name} than its ${listed(blind)} know${blind.length === 1 ? "s" : ""}: errors can be predicted by looking at the data`,
    },
  ];
}

function ofLevels({ name, rmse }: EstimatedParameter, shifted: readonly TestedEstimate[]): Fault {
  const kinds = new Set<FaultKind>();
  const parts = shifted.map((one) => {
    const { level, departure, truth, estimate } = one;
    if (level === undefined) {
      kinds.add("biased");
      const bias = estimate.reduce((sum, x, i) => sum + x - (truth[i] ?? 0), 0) / truth.length;
      return `its mean is too ${departure.z > 0 ? "high" : "low"}, by ${short(Math.abs(bias))} (${short(Math.abs(bias) / rmse.value)} of its root mean square error)`;
    }
    const oneSided = shifted.every((other) => other.departure.z > 0 === departure.z > 0);
    const inward = level === 0.5 ? undefined : departure.z > 0 === level < 0.5;
    if (inward === undefined || (oneSided && shifted.length > 1)) kinds.add("biased");
    else kinds.add(inward ? "narrow" : "wide");
    return `its ${one.name} has ${percent(one.share?.value ?? Number.NaN)} of truths below it`;
  });
  return {
    kinds: [...kinds],
    parameter: name,
    words: `${name} ${faultWords([...kinds])}: ${parts.join("; ")}`,
  };
}

function ofPlaces(name: string, placed: readonly TestedEstimate[]): Fault {
  const parts = placed.map((one) => {
    const worst = one.places.parts.reduce((a, b) => (b.z ** 2 > a.z ** 2 ? b : a));
    const { lower, upper, residual } = worst;
    const what =
      one.level === undefined
        ? `${short(Math.abs(residual))} too ${residual > 0 ? "high" : "low"}`
        : `${percent(one.level + residual)} of truths below it`;
    return `its ${one.name} where that is from ${short(lower)} to ${short(upper)} (there: ${what})`;
  });
  return {
    kinds: ["biased"],
    parameter: name,
    words: `${name} is right on average, but not everywhere: worst is ${parts.join("; ")}`,
  };
}

function listed(estimates: readonly TestedEstimate[]): string {
  return estimates.map(({ name }) => name).join(" and ");
}

function uninformed({ name, recovery }: EstimatedParameter): readonly string[] {
  const { value, standardError } = recovery;
  if (Math.abs(value) > CORRELATED * standardError || standardError > KNOWN) return [];
  return [
    `estimates of ${name} do not go with its true values (correlation ${short(value)} ± ${short(standardError)}): nothing was learned of it, because the data do not tell, or because data and parameters do not belong together`,
  ];
}
