/**
 * Twelve posteriors with known answers: what `fixtures/known_posteriors_golden.py` says of each is held against draws.
 */
import { intervalBijection } from "../../src/distributions/index.js";
import { at, known, pull, type KnownPosterior } from "./known-posterior.js";

const correlatedNormal = known("correlated normal", 10, (numbers) => {
  const [sds, [rho = 0]] = [numbers("sds"), numbers("correlation")];
  const k = sds.length;
  const [own, other] = [1 / (1 - rho), -rho / ((1 - rho) * (1 - rho + k * rho))];
  return (theta, gradient) => {
    let [sum, value] = [0, 0];
    for (let j = 0; j < k; j++) sum += at(theta, j) / at(sds, j);
    for (let j = 0; j < k; j++) {
      const z = at(theta, j) / at(sds, j);
      const slope = -(own * z + other * sum);
      value += 0.5 * z * slope;
      gradient[j] = slope / at(sds, j);
    }
    return value;
  };
});

const funnel = known(
  "funnel",
  5,
  () => (theta, gradient) => {
    const v = at(theta, 0);
    let [value, slope] = pull(v, 0, 3);
    const precision = Math.exp(-v);
    for (let j = 1; j < 5; j++) {
      const x = at(theta, j);
      value -= 0.5 * (x * x * precision + v);
      slope += 0.5 * (x * x * precision - 1);
      gradient[j] = -x * precision;
    }
    gradient[0] = slope;
    return value;
  },
  { of: (theta) => [at(theta, 0)] },
);

const banana = known("banana", 2, () => (theta, gradient) => {
  const [x, y] = [at(theta, 0), at(theta, 1)];
  const [first, slope] = pull(x, 0, 1);
  const [second, off] = pull(y, x * x, 0.5);
  gradient[0] = slope - 2 * x * off;
  gradient[1] = off;
  return first + second;
});

const mixture = known("mixture", 2, () => (theta, gradient) => {
  const [x, y] = [at(theta, 0), at(theta, 1)];
  const parts = [
    { weight: 0.6, mean: -1.5, sd: 1 },
    { weight: 0.4, mean: 1.5, sd: 0.7 },
  ].map(({ weight, mean, sd }) => {
    const [a, alongX] = pull(x, mean, sd);
    const [b, alongY] = pull(y, 0, sd);
    return { log: Math.log(weight) - 2 * Math.log(sd) + a + b, alongX, alongY };
  });
  return mixed(parts, gradient);
});

/** log Σ eˡᵒᵍ of two components in the plane, and its gradient. */
function mixed(
  parts: readonly { readonly log: number; readonly alongX: number; readonly alongY: number }[],
  gradient: Float64Array,
): number {
  const top = parts.reduce((most, { log }) => Math.max(most, log), -Infinity);
  const total = parts.reduce((sum, { log }) => sum + Math.exp(log - top), 0);
  gradient.fill(0);
  for (const { log, alongX, alongY } of parts) {
    const share = Math.exp(log - top) / total;
    gradient[0] = at(gradient, 0) + share * alongX;
    gradient[1] = at(gradient, 1) + share * alongY;
  }
  return top + Math.log(total);
}

/** θ = (mu, tau, theta_1 .. theta_8), or with z_j = (theta_j - mu) / tau in the place of theta_j. */
const schoolsSpace = intervalBijection(
  Array.from({ length: 10 }, (_, j) => (j === 1 ? 0 : -Infinity)),
  Infinity,
  10,
);

/** mu ~ N(0, 5), tau ~ half-Cauchy(5): log p and its derivatives. */
function schoolsPrior(theta: Float64Array) {
  const [mu, tau] = [at(theta, 0), at(theta, 1)];
  const [normal, ofMu] = pull(mu, 0, 5);
  const value = normal - Math.log1p((tau / 5) ** 2);
  return { mu, tau, value, ofMu, ofTau: (-2 * tau) / (25 + tau * tau) };
}

const schoolsCentred = known(
  "eight schools, centred",
  10,
  (numbers) => {
    const [y, s] = [numbers("y"), numbers("s")];
    return (theta, gradient) => {
      const { mu, tau, ...prior } = schoolsPrior(theta);
      let { value, ofMu, ofTau } = prior;
      for (let j = 0; j < 8; j++) {
        const effect = at(theta, 2 + j);
        const [prior, slope] = pull(effect, mu, tau);
        const [data, towards] = pull(effect, at(y, j), at(s, j));
        value += prior + data - Math.log(tau);
        ofMu -= slope;
        ofTau += slope * slope * tau - 1 / tau;
        gradient[2 + j] = slope + towards;
      }
      gradient[0] = ofMu;
      gradient[1] = ofTau;
      return value;
    };
  },
  {
    bijection: schoolsSpace,
    of: (theta) => [at(theta, 0), Math.log(at(theta, 1)), ...theta.subarray(2)],
  },
);

const schoolsNotCentred = known(
  "eight schools, not centred",
  10,
  (numbers) => {
    const [y, s] = [numbers("y"), numbers("s")];
    return (theta, gradient) => {
      const { mu, tau, ...prior } = schoolsPrior(theta);
      let { value, ofMu, ofTau } = prior;
      for (let j = 0; j < 8; j++) {
        const z = at(theta, 2 + j);
        const [prior, slope] = pull(z, 0, 1);
        const [data, towards] = pull(mu + tau * z, at(y, j), at(s, j));
        value += prior + data;
        ofMu += towards;
        ofTau += towards * z;
        gradient[2 + j] = slope + towards * tau;
      }
      gradient[0] = ofMu;
      gradient[1] = ofTau;
      return value;
    };
  },
  {
    bijection: schoolsSpace,
    of: (theta) => {
      const [mu, tau] = [at(theta, 0), at(theta, 1)];
      return [mu, Math.log(tau), ...theta.subarray(2).map((z) => mu + tau * z)];
    },
  },
);

const studentRegression = known(
  "Student regression",
  4,
  (numbers) => {
    const [x, y] = [numbers("x"), numbers("y")];
    return (theta, gradient) => {
      const sigma = at(theta, 3);
      let [value, ofSigma] = pull(sigma, 0, 1);
      for (let j = 0; j < 3; j++) {
        const [prior, slope] = pull(at(theta, j), 0, 2.5);
        value += prior;
        gradient[j] = slope;
      }
      for (let i = 0; i < y.length; i++) {
        let r = at(y, i);
        for (let j = 0; j < 3; j++) r -= at(theta, j) * at(x, 3 * i + j);
        const square = r * r;
        value -= 2.5 * Math.log1p(square / (4 * sigma * sigma)) + Math.log(sigma);
        const weight = 5 / (4 * sigma * sigma + square);
        ofSigma += (weight * square) / sigma - 1 / sigma;
        for (let j = 0; j < 3; j++) gradient[j] = at(gradient, j) + weight * r * at(x, 3 * i + j);
      }
      gradient[3] = ofSigma;
      return value;
    };
  },
  {
    bijection: intervalBijection([-Infinity, -Infinity, -Infinity, 0], Infinity, 4),
  },
);

/** Σ y ψ - log(1 + e^ψ), ψ = X b, added to what is there. */
function addLogistic(
  design: Float64Array,
  sums: Float64Array,
  theta: Float64Array,
  gradient: Float64Array,
): number {
  const k = theta.length;
  let value = 0;
  for (let j = 0; j < k; j++) {
    value += at(sums, j) * at(theta, j);
    gradient[j] = at(gradient, j) + at(sums, j);
  }
  for (let from = 0; from < design.length; from += k) {
    let psi = 0;
    for (let j = 0; j < k; j++) psi += at(design, from + j) * at(theta, j);
    value -= Math.max(0, psi) + Math.log1p(Math.exp(-Math.abs(psi)));
    const share = 1 / (1 + Math.exp(-psi));
    for (let j = 0; j < k; j++) gradient[j] = at(gradient, j) - share * at(design, from + j);
  }
  return value;
}

const logisticRegression = known("logistic regression", 4, (numbers) => {
  const [x, y] = [numbers("x"), numbers("y")];
  const sums = Float64Array.from({ length: 4 }, (_, j) =>
    y.reduce((sum, one, i) => sum + one * at(x, 4 * i + j), 0),
  );
  return (theta, gradient) => {
    let value = 0;
    for (let j = 0; j < 4; j++) {
      const [prior, slope] = pull(at(theta, j), 0, 2.5);
      value += prior;
      gradient[j] = slope;
    }
    return value + addLogistic(x, sums, theta, gradient);
  };
});

const linearUniform = known(
  "gaussian linear uniform",
  10,
  (numbers) => {
    const x = numbers("x");
    return (theta, gradient) => {
      let value = 0;
      for (let j = 0; j < 10; j++) {
        const [term, slope] = pull(at(theta, j), at(x, j), Math.sqrt(0.1));
        value += term;
        gradient[j] = slope;
      }
      return value;
    };
  },
  { bijection: intervalBijection(-1, 1, 10) },
);

const gaussianMixture = known(
  "gaussian mixture",
  2,
  (numbers) => {
    const x = numbers("x");
    return (theta, gradient) => {
      const parts = [1, 0.1].map((sd) => {
        const [a, alongX] = pull(at(theta, 0), at(x, 0), sd);
        const [b, alongY] = pull(at(theta, 1), at(x, 1), sd);
        return { log: a + b - 2 * Math.log(sd), alongX, alongY };
      });
      return mixed(parts, gradient);
    };
  },
  { bijection: intervalBijection(-10, 10, 2) },
);

const slcp = known(
  "slcp",
  5,
  (numbers) => {
    const x = numbers("x");
    return (theta, gradient) => {
      const [s1, s2, rho] = [at(theta, 2) ** 2, at(theta, 3) ** 2, Math.tanh(at(theta, 4))];
      const [a, b, c] = [s1 * s1 + 1e-6, rho * s1 * s2, s2 * s2 + 1e-6];
      const determinant = a * c - b * b;
      // The inverse, the sums of what lies about the mean, and d log p / dS = ½ (S⁻¹ A S⁻¹ - 4 S⁻¹).
      const [p, q, r] = [c / determinant, -b / determinant, a / determinant];
      let [value, ofA, ofB, ofC] = [-2 * Math.log(determinant), -2 * p, -4 * q, -2 * r];
      let [first, second] = [0, 0];
      for (let j = 0; j < 4; j++) {
        const [dx, dy] = [at(x, 2 * j) - at(theta, 0), at(x, 2 * j + 1) - at(theta, 1)];
        const [u, v] = [p * dx + q * dy, q * dx + r * dy];
        value -= 0.5 * (u * dx + v * dy);
        first += u;
        second += v;
        ofA += 0.5 * u * u;
        ofB += u * v;
        ofC += 0.5 * v * v;
      }
      gradient.set([
        first,
        second,
        (2 * s1 * ofA + rho * s2 * ofB) * 2 * at(theta, 2),
        (2 * s2 * ofC + rho * s1 * ofB) * 2 * at(theta, 3),
        s1 * s2 * (1 - rho * rho) * ofB,
      ]);
      return value;
    };
  },
  {
    bijection: intervalBijection(-3, 3, 5),
    of: (theta) => [
      at(theta, 0),
      at(theta, 1),
      Math.abs(at(theta, 2)),
      Math.abs(at(theta, 3)),
      at(theta, 4),
    ],
  },
);

const bernoulliGlm = known("bernoulli glm", 10, (numbers) => {
  const [sums, design, precision] = [numbers("x"), numbers("design"), numbers("precision")];
  return (theta, gradient) => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      let slope = 0;
      for (let j = 0; j < 10; j++) slope -= at(precision, i * 10 + j) * at(theta, j);
      value += 0.5 * slope * at(theta, i);
      gradient[i] = slope;
    }
    return value + addLogistic(design, sums, theta, gradient);
  };
});

/** All twelve. */
export const knownPosteriors: readonly KnownPosterior[] = [
  correlatedNormal,
  funnel,
  schoolsCentred,
  schoolsNotCentred,
  banana,
  mixture,
  studentRegression,
  logisticRegression,
  linearUniform,
  gaussianMixture,
  slcp,
  bernoulliGlm,
];
