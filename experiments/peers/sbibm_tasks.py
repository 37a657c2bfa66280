"""The ten tasks of sbibm for sbi: priors as torch distributions, simulators in numpy, in batches.

Written from the benchmark's specification (Lueckmann et al. 2021, arXiv 2101.04653), apart from models/sbibm, which it checks.
"""
import math

import numpy as np
import torch
from sbi.utils import BoxUniform
from torch.distributions import Independent, LogNormal, MultivariateNormal, Normal


def fixed_design():
    stimulus = np.random.RandomState(42).randn(100).astype(np.float32).astype(np.float64)
    design = np.zeros((100, 10))
    design[:, 0] = 1
    for lag in range(9):
        design[lag:, 1 + lag] = stimulus[: 100 - lag]
    return design


def glm_covariance():
    difference = np.eye(9) - np.diag(np.ones(8), -1)
    f = difference @ difference + np.diag(np.sqrt(np.arange(9) / 9))
    covariance = np.zeros((10, 10))
    covariance[0, 0] = 2
    covariance[1:, 1:] = np.linalg.inv(f.T @ f)
    return covariance


DESIGN = fixed_design()


def box(low, high, d):
    return BoxUniform(torch.full((d,), float(low)), torch.full((d,), float(high)))


def log_normals(mu, sigma):
    return Independent(LogNormal(torch.tensor(mu), torch.tensor(sigma)), 1)


def gaussian(theta, rng):
    return theta + math.sqrt(0.1) * rng.standard_normal(theta.shape)


def slcp(theta, rng):
    first, second, rho = theta[:, 2] ** 2, theta[:, 3] ** 2, np.tanh(theta[:, 4])
    l11 = np.sqrt(first**2 + 1e-6)
    l21 = rho * first * second / l11
    l22 = np.sqrt(second**2 + 1e-6 - l21**2)
    a, b = rng.standard_normal((2, len(theta), 4))
    x = np.empty((len(theta), 8))
    x[:, 0::2] = theta[:, :1] + l11[:, None] * a
    x[:, 1::2] = theta[:, 1:2] + l21[:, None] * a + l22[:, None] * b
    return x


def fixed_noise():
    state = np.random.RandomState(42)
    loc = np.array([15 * state.normal(size=92) for _ in range(20)])
    factors = []
    for _ in range(20):
        lower = np.tril(state.normal(size=(92, 92)))
        factors.append(3 * (lower + np.diag(np.exp(state.normal(size=92)))))
    return loc, np.array(factors), state.permutation(100)


NOISE = None


def slcp_distractors(theta, rng):
    global NOISE
    NOISE = NOISE or fixed_noise()
    loc, factors, order = NOISE
    n = len(theta)
    x = np.empty((n, 100))
    x[:, :8] = slcp(theta, rng)
    component = rng.integers(20, size=n)
    g = rng.standard_normal((n, 92)) / np.sqrt(rng.chisquare(2, size=n) / 2)[:, None]
    for c in range(20):
        rows = component == c
        x[rows, 8:] = loc[c] + g[rows] @ factors[c].T
    return x[:, order]


def spikes(theta, rng):
    return (rng.random((len(theta), 100)) < 1 / (1 + np.exp(-theta @ DESIGN.T))).astype(float)


def gaussian_mixture(theta, rng):
    sd = np.where(rng.random(len(theta)) < 0.5, 1.0, 0.1)[:, None]
    return theta + sd * rng.standard_normal(theta.shape)


def two_moons(theta, rng):
    a = rng.uniform(-np.pi / 2, np.pi / 2, len(theta))
    r = 0.1 + 0.01 * rng.standard_normal(len(theta))
    return np.stack(
        [
            r * np.cos(a) + 0.25 - np.abs(theta[:, 0] + theta[:, 1]) / np.sqrt(2),
            r * np.sin(a) + (theta[:, 1] - theta[:, 0]) / np.sqrt(2),
        ],
        1,
    )


def rk4(slope, y, step, keep, total):
    """Classical Runge-Kutta with fixed steps, all simulations at once; every `keep` steps of `total` are kept."""
    kept = [y]
    for i in range(1, total + 1):
        k1 = slope(y)
        k2 = slope(y + step / 2 * k1)
        k3 = slope(y + step / 2 * k2)
        k4 = slope(y + step * k3)
        y = y + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        if i % keep == 0:
            kept.append(y)
    return np.stack(kept, -1)


def infected(theta):
    beta, gamma = theta[:, 0], theta[:, 1]

    def slope(y):
        caught = beta * y[0] * y[1] / 1e6
        return np.stack([-caught, caught - gamma * y[1]])

    start = np.stack([np.full(len(theta), 1e6 - 1), np.ones(len(theta))])
    return rk4(slope, start, 0.125, 136, 1224)[1]


def sir(theta, rng):
    return rng.binomial(1000, np.clip(infected(theta) / 1e6, 0, 1)).astype(float)


def populations(theta):
    alpha, beta, gamma, delta = theta.T

    def slope(y):
        return np.stack([alpha * y[0] - beta * y[0] * y[1], -gamma * y[1] + delta * y[0] * y[1]])

    start = np.stack([np.full(len(theta), 30.0), np.ones(len(theta))])
    both = rk4(slope, start, 0.0125, 168, 1512)
    return np.clip(np.concatenate([both[0], both[1]], -1), 1e-10, 10000)


def lotka_volterra(theta, rng):
    u = populations(theta)
    return np.exp(np.log(u) + 0.1 * rng.standard_normal(u.shape))


SIMULATORS = {
    "gaussian_linear": gaussian,
    "gaussian_linear_uniform": gaussian,
    "slcp": slcp,
    "slcp_distractors": slcp_distractors,
    "bernoulli_glm": lambda theta, rng: spikes(theta, rng) @ DESIGN,
    "bernoulli_glm_raw": spikes,
    "gaussian_mixture": gaussian_mixture,
    "two_moons": two_moons,
    "sir": sir,
    "lotka_volterra": lotka_volterra,
}


def prior_of(task):
    if task == "gaussian_linear":
        return Independent(Normal(torch.zeros(10), math.sqrt(0.1) * torch.ones(10)), 1)
    if task == "gaussian_linear_uniform":
        return box(-1, 1, 10)
    if task.startswith("slcp"):
        return box(-3, 3, 5)
    if task.startswith("bernoulli_glm"):
        return MultivariateNormal(torch.zeros(10), torch.tensor(glm_covariance()).float())
    if task == "gaussian_mixture":
        return box(-10, 10, 2)
    if task == "two_moons":
        return box(-1, 1, 2)
    if task == "sir":
        return log_normals([math.log(0.4), math.log(0.125)], [0.5, 0.2])
    return log_normals([-0.125, -3.0, -0.125, -3.0], [0.5] * 4)


def simulate(task, n, seed):
    """n draws of the prior, float32 [n, p], and their data, float32 [n, d]."""
    torch.manual_seed(seed)
    theta = prior_of(task).sample((n,))
    rng = np.random.default_rng([seed, n])
    parts = [
        SIMULATORS[task](theta[at : at + 10_000].double().numpy(), rng)
        for at in range(0, n, 10_000)
    ]
    return theta, torch.tensor(np.concatenate(parts)).float()
