"""The polynomials of packages/graph/src/wasm/math/single.ts, with the least largest error relative to the function (Lawson's reweighted
least squares).

    python fit_wasm.py        (needs NumPy and SciPy)
"""

import numpy as np
from scipy.special import erf, erfcx


def fit(name, x, wanted, variable, scale, degree, exact):
    """wanted ≈ scale · P(variable); errors are relative to exact."""
    weight = np.ones_like(x)
    best = (np.inf, None)
    columns = np.stack([scale * variable**i for i in range(degree + 1)], 1) / exact[:, None]
    size = np.abs(columns).max(0)
    for _ in range(300):
        root = np.sqrt(weight)[:, None]
        solution = np.linalg.lstsq(columns / size * root, wanted / exact * root[:, 0], rcond=None)[0] / size
        error = np.abs(columns @ solution - wanted / exact)
        if error.max() < best[0]:
            best = (error.max(), solution)
        weight *= (error / error.max() + 1e-3) ** 0.7
        weight /= weight.max()
    print(name, f"{best[0]:.1e}", [float(f"{c:.10g}") for c in best[1]])


def spread(low, high, n=3001):
    x = (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * np.arange(n) / (n - 1))
    return x[np.abs(x) > 1e-4]


x = spread(-0.3467, 0.3467)
fit("exp: 1 + r + r² P(r)", x, np.expm1(x) - x, x, x**2, 4, np.exp(x))
x = spread(np.sqrt(0.5) - 1 - 1e-3, np.sqrt(2) - 1 + 1e-3)
fit("log: f - f²/2 + f³ P(f)", x, np.log1p(x) - x + x**2 / 2, x, x**3, 8, np.log1p(x))
x = spread(1e-2, 0.63)
fit("tanh: x + x³ P(x²)", x, np.tanh(x) - x, x**2, x**3, 4, np.tanh(x))
x = spread(1e-2, 1.01)
fit("erf: x (1 + P(x²))", x, erf(x) - x, x**2, x, 6, erf(x))
x = spread(0.99, 4.1)
fit("erfc exp(x²): P(1/(1 + x/2))", x, erfcx(x), 1 / (1 + x / 2), np.ones_like(x), 8, erfcx(x))
