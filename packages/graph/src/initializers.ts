/**
 * How weights begin.
 */

/** What an initializer needs of a random stream. */
export interface RandomSource {
  /** A number in [0, 1). */
  uniform(): number;
  /** A standard normal draw. */
  normal(): number;
}

/** Initial values of a variable of a shape, row-major. */
export type Initializer = (shape: readonly number[], random: RandomSource) => Float64Array;

function fill(shape: readonly number[], next: () => number): Float64Array {
  const size = shape.reduce((a, b) => a * b, 1);
  return Float64Array.from({ length: size }, next);
}

/** Inputs and outputs a unit of a [..., in, out] weight has; leading axes (a kernel's) multiply both. */
function fans(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const receptive = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { fanIn: receptive * (shape.at(-2) ?? 1), fanOut: receptive * (shape.at(-1) ?? 1) };
}

/** A constant. */
export function constantInit(value: number): Initializer {
  return (shape) => fill(shape, () => value);
}

/** Zeros. */
export const zerosInit: Initializer = constantInit(0);

/** Ones. */
export const onesInit: Initializer = constantInit(1);

/** Uniform on ±√(6 / (fan in + fan out)) (Glorot & Bengio 2010), times a gain. */
export function glorotUniform(gain = 1): Initializer {
  return (shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
    return fill(shape, () => bound * (2 * random.uniform() - 1));
  };
}

/** Normal with variance 2 / fan in, for ReLU networks (He et al. 2015, arXiv 1502.01852). */
export function heNormal(gain = 1): Initializer {
  return (shape, random) => {
    const sd = gain * Math.sqrt(2 / fans(shape).fanIn);
    return fill(shape, () => sd * random.normal());
  };
}

/** Normal with a standard deviation. */
export function normalInit(sd: number): Initializer {
  return (shape, random) => fill(shape, () => sd * random.normal());
}
