"""The ratio of polynomials in packages/graph/src/operations/normal.ts: Phi(-z) exp(z^2 / 2) for 0 <= z <= 14.75, with the least largest
relative error (Lawson's reweighted least squares, linearised as by Loeb).

    python fit_normal.py        (needs NumPy and SciPy)
"""

import numpy as np
from scipy.special import erfcx

N, M, FAR = 4, 5, 14.75

z = FAR * np.linspace(0, 1, 4000) ** 2.2
exact = 0.5 * erfcx(z / np.sqrt(2))
weight = np.ones_like(z)
below = np.ones_like(z)
best = (np.inf, None)
for _ in range(200):
    columns = [z**i for i in range(N + 1)] + [-exact * z**i for i in range(1, M + 1)]
    matrix = np.stack(columns, 1) * (np.sqrt(weight) / (exact * below))[:, None]
    size = np.abs(matrix).max(0)
    target = exact * np.sqrt(weight) / (exact * below)
    solution = np.linalg.lstsq(matrix / size, target, rcond=None)[0] / size
    above = sum(c * z**i for i, c in enumerate(solution[: N + 1]))
    below = np.abs(1 + sum(c * z ** (i + 1) for i, c in enumerate(solution[N + 1 :])))
    error = np.abs(above / below / exact - 1)
    if error.max() < best[0]:
        best = (error.max(), solution)
    weight *= (error / error.max() + 1e-3) ** 0.7
    weight /= weight.max()

print("largest relative error", best[0])
print("numerator", [float(f"{c:.9g}") for c in best[1][: N + 1]])
print("denominator", [1.0] + [float(f"{c:.9g}") for c in best[1][N + 1 :]])
