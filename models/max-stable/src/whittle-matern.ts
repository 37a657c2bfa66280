/**
 * The Whittle-Matérn correlation,
 *
 *   ρ(h) = 2^{1-ν}/Γ(ν) (h/λ)^ν K_ν(h/λ),
 *
 * with range λ and smoothness ν: e^{-h/λ} at ν = 1/2, the smoother the larger ν.
 */
import { InvalidArgumentError } from "amortis";
import { besselKOfOrder, logGamma } from "amortis/extend";

/** Range λ, in units of the grid's side, and smoothness ν. */
export interface WhittleMatern {
  readonly range: number;
  readonly smoothness: number;
}

/** ρ at one distance, and its derivatives in the two parameters. */
export interface CorrelationSlopes {
  readonly value: number;
  readonly range: number;
  readonly smoothness: number;
}

/** Step of the differences in ν: they err by its fourth power, and by rounding over it, both about 1e-12. */
const STEP = 2 ** -9;

/**
 * ρ as a function of distance.
 *
 * @param parameters λ ≥ 0, of which 0 is white noise; ν > 0.
 * @throws InvalidArgumentError where they are not such numbers.
 * @example whittleMatern({ range: 0.2, smoothness: 1.5 })(0.1)
 */
export function whittleMatern(parameters: WhittleMatern): (distance: number) => number {
  check(parameters);
  const { range } = parameters;
  const rho = standardCorrelation(parameters.smoothness);
  return (distance) => (distance === 0 ? 1 : rho(distance / range));
}

/**
 * ρ and its derivatives as a function of distance: in λ by dρ/dx = -2^{1-ν}/Γ(ν) x^ν K_{ν-1}(x), x = h/λ; in ν by central
 * differences of the fourth order.
 *
 * @throws InvalidArgumentError where λ < 0 or ν is not above twice the step of the differences, 1/256.
 */
export function whittleMaternSlopes(
  parameters: WhittleMatern,
): (distance: number) => CorrelationSlopes {
  check(parameters, 2 * STEP);
  const { range, smoothness } = parameters;
  const rho = standardCorrelation(smoothness);
  const descent = standardCorrelation(smoothness, smoothness - 1);
  const [below2, below, above, above2] = [-2, -1, 1, 2].map((k) =>
    standardCorrelation(smoothness + k * STEP),
  ) as [Standard, Standard, Standard, Standard];
  return (distance) => {
    const x = distance / range;
    // Nothing changes at the origin, nor in white noise.
    if (!(x > 0 && x < Infinity)) return { value: distance === 0 ? 1 : 0, range: 0, smoothness: 0 };
    return {
      value: rho(x),
      range: (descent(x) * x) / range,
      smoothness: (8 * (above(x) - below(x)) - (above2(x) - below2(x))) / (12 * STEP),
    };
  };
}

type Standard = (x: number) => number;

/** 2^{1-ν}/Γ(ν) x^ν K_k(x), where k = ν unless given. */
function standardCorrelation(smoothness: number, order = smoothness): Standard {
  const bessel = besselKOfOrder(order);
  const logScale = (1 - smoothness) * Math.LN2 - logGamma(smoothness);
  return (x) => {
    if (x === Infinity) return 0;
    const k = bessel.scaled(x);
    // K overflows where x is so small that nothing is left of the distance.
    if (k === Infinity) return order === smoothness ? 1 : 0;
    return Math.min(1, k * Math.exp(logScale + smoothness * Math.log(x) - x));
  };
}

function check({ range, smoothness }: WhittleMatern, least = 0): void {
  if (!(range >= 0 && range < Infinity)) {
    throw new InvalidArgumentError(`the range of a field must be a number ≥ 0, but is ${range}`);
  }
  if (!(smoothness > least && smoothness < Infinity)) {
    throw new InvalidArgumentError(
      `the smoothness of a field must be a number > ${least}, but is ${smoothness}`,
    );
  }
}
