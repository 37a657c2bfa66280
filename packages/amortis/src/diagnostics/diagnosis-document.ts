/**
 * A diagnosis as a document: its numbers without those of each data set.
 */
import type { Estimate } from "./averages.js";
import type { Coverage } from "./coverage.js";
import type { DrawsDiagnosis, ParameterDiagnosis } from "./diagnose-draws.js";
import type { EstimatedParameter, EstimatesDiagnosis } from "./diagnose-estimates.js";

/**
 * What was found, ready for JSON.
 *
 * @example JSON.stringify(diagnosisDocument(await diagnose(estimator, line)))
 */
export function diagnosisDocument(diagnosis: DrawsDiagnosis | EstimatesDiagnosis) {
  return "estimate" in diagnosis ? ofEstimates(diagnosis) : ofDraws(diagnosis);
}

function ofEstimates(diagnosis: EstimatesDiagnosis) {
  const { simulations, estimate: name, levels, calibrated, verdict, parameters, tests } = diagnosis;
  return {
    simulations,
    estimate: name,
    levels,
    calibrated,
    verdict,
    parameters: parameters.map(estimatedDocument),
    tests,
  };
}

function estimatedDocument({ name, rmse, bias, absolute, recovery, tested }: EstimatedParameter) {
  return {
    name,
    rmse: estimate(rmse),
    bias: estimate(bias),
    absoluteError: estimate(absolute),
    recovery: estimate(recovery),
    estimates: tested.map(({ name: own, level, share, departure, places }) => ({
      name: own,
      ...(level !== undefined && { level }),
      ...(share && { below: estimate(share) }),
      z: departure.z,
      pValue: departure.pValue,
      places: places.parts.map(({ lower, upper, residual, z, pValue }) => ({
        lower,
        upper,
        residual,
        z,
        pValue,
      })),
    })),
  };
}

function ofDraws(diagnosis: DrawsDiagnosis) {
  const { simulations, refused, samples, outside, calibrated, verdict, tests } = diagnosis;
  const { parameters, derived, joint } = diagnosis;
  const { depth, density, tarp } = joint;
  return {
    simulations,
    refused,
    samples,
    outside,
    calibrated,
    verdict,
    parameters: parameters.map(parameterDocument),
    derived: derived.map(parameterDocument),
    joint: {
      tarp: pValueOf(tarp),
      ...(depth && { depth: pValueOf(depth) }),
      ...(density && { density: pValueOf(density) }),
    },
    tests,
  };
}

function parameterDocument(one: ParameterDiagnosis) {
  const { name, ranks, rankScores, coverage, scores, places } = one;
  return {
    name,
    ranks: {
      pValue: ranks.pValue,
      shift: { mean: rankScores.mean, ...rankScores.shift },
      spread: { scale: rankScores.scale, ...rankScores.spread },
    },
    coverage: coverage.map(({ level, share }) => ({ level, ...estimate(share) })),
    rmse: estimate(scores.rmse),
    bias: estimate(scores.bias),
    crps: estimate(scores.crps),
    intervalScore: estimate(scores.intervalScore),
    zScore: estimate(one.zScore),
    zScale: estimate(one.zScale),
    contraction: estimate(one.contraction),
    recovery: estimate(one.recovery),
    places: places.parts.map(({ lower, upper, size, mean, scale, shift, spread }) => ({
      lower,
      upper,
      size,
      mean,
      scale,
      shift: shift.pValue,
      spread: spread.pValue,
    })),
  };
}

function estimate({ value, standardError }: Estimate): Estimate {
  return { value, standardError };
}

function pValueOf({ pValue }: Coverage) {
  return { pValue };
}
