# NUTS of BlackJAX on the twelve posteriors, on the CPU, with one thread:
#   python blackjax_nuts.py known-posteriors-golden.json "NAME" DRAWS BURN_IN CHAINS OUT.f32
# Prints a line of JSON: processor and wall seconds of burn-in and draws together, without compiling. Draws [chains, draws, k], in the parameters' own units, go to OUT.f32.
import json
import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
import blackjax  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

golden, name, draws, burn_in, chains, out = sys.argv[1:]
draws, burn_in, chains = int(draws), int(burn_in), int(chains)
data = {key: jnp.asarray(value) for key, value in json.load(open(golden))[name]["data"].items()}


def normal(x, mean, sd):
    return -0.5 * jnp.sum(((x - mean) / sd) ** 2)


def identity(u):
    return u, 0.0


def within(low, high):
    def transform(u):
        share = jax.nn.sigmoid(u)
        return low + (high - low) * share, jnp.sum(jnp.log(share) + jnp.log1p(-share))

    return transform


def positive_at(j):
    return lambda u: (u.at[j].set(jnp.exp(u[j])), u[j])


def correlated_normal(t):
    k, rho, z = 10, data["correlation"], t / data["sds"]
    own, other = 1 / (1 - rho), -rho / ((1 - rho) * (1 - rho + k * rho))
    return -0.5 * (own * jnp.sum(z * z) + other * jnp.sum(z) ** 2)


def funnel(t):
    return normal(t[0], 0, 3) - 2 * t[0] - 0.5 * jnp.exp(-t[0]) * jnp.sum(t[1:] ** 2)


def schools_centred(t):
    mu, tau, theta = t[0], t[1], t[2:]
    return (
        normal(mu, 0, 5)
        - jnp.log1p((tau / 5) ** 2)
        + normal(theta, mu, tau)
        - 8 * jnp.log(tau)
        + normal(theta, data["y"], data["s"])
    )


def schools_not_centred(t):
    mu, tau, z = t[0], t[1], t[2:]
    return (
        normal(mu, 0, 5)
        - jnp.log1p((tau / 5) ** 2)
        + normal(z, 0, 1)
        + normal(mu + tau * z, data["y"], data["s"])
    )


def banana(t):
    return normal(t[0], 0, 1) + normal(t[1], t[0] ** 2, 0.5)


def mixture(t):
    parts = [
        jnp.log(w) - 2 * jnp.log(s) + normal(t, jnp.array([m, 0.0]), s)
        for w, m, s in ((0.6, -1.5, 1.0), (0.4, 1.5, 0.7))
    ]
    return jnp.logaddexp(*parts)


def student(t):
    b, sigma = t[:3], t[3]
    r = (data["y"] - data["x"].reshape(-1, 3) @ b) / sigma
    return (
        -2.5 * jnp.sum(jnp.log1p(r**2 / 4)) - r.size * jnp.log(sigma) + normal(b, 0, 2.5) - 0.5 * sigma**2
    )


def logistic(t):
    psi = data["x"].reshape(-1, 4) @ t
    return jnp.sum(data["y"] * psi - jnp.logaddexp(0, psi)) + normal(t, 0, 2.5)


def linear_uniform(t):
    return normal(t, data["x"], jnp.sqrt(0.1))


def gaussian_mixture(t):
    return jnp.logaddexp(*[normal(t, data["x"], s) - 2 * jnp.log(s) for s in (1.0, 0.1)])


def slcp(t):
    s1, s2, rho = t[2] ** 2, t[3] ** 2, jnp.tanh(t[4])
    a, b, c = s1**2 + 1e-6, rho * s1 * s2, s2**2 + 1e-6
    det = a * c - b * b
    d = data["x"].reshape(4, 2) - t[:2]
    return -2 * jnp.log(det) - 0.5 * jnp.sum(c * d[:, 0] ** 2 - 2 * b * d[:, 0] * d[:, 1] + a * d[:, 1] ** 2) / det


def bernoulli_glm(t):
    psi = data["design"].reshape(100, 10) @ t
    return data["x"] @ t - jnp.sum(jnp.logaddexp(0, psi)) - 0.5 * t @ data["precision"].reshape(10, 10) @ t


density, transform, k = {
    "correlated normal": (correlated_normal, identity, 10),
    "funnel": (funnel, identity, 5),
    "eight schools, centred": (schools_centred, positive_at(1), 10),
    "eight schools, not centred": (schools_not_centred, positive_at(1), 10),
    "banana": (banana, identity, 2),
    "mixture": (mixture, identity, 2),
    "Student regression": (student, positive_at(3), 4),
    "logistic regression": (logistic, identity, 4),
    "gaussian linear uniform": (linear_uniform, within(-1.0, 1.0), 10),
    "gaussian mixture": (gaussian_mixture, within(-10.0, 10.0), 2),
    "slcp": (slcp, within(-3.0, 3.0), 5),
    "bernoulli glm": (bernoulli_glm, identity, 10),
}[name]


def log_density(u):
    theta, log_jacobian = transform(u)
    return density(theta) + log_jacobian


def one_chain(key, start):
    warm_key, draw_key = jax.random.split(key)
    warm_up = blackjax.window_adaptation(blackjax.nuts, log_density)
    (state, parameters), _ = warm_up.run(warm_key, start, burn_in)
    kernel = blackjax.nuts(log_density, **parameters)

    def step(state, key):
        state, info = kernel.step(key, state)
        return state, (state.position, info.is_divergent)

    _, (positions, divergent) = jax.lax.scan(step, state, jax.random.split(draw_key, draws))
    return jax.vmap(lambda u: transform(u)[0])(positions), divergent


run = jax.jit(jax.vmap(one_chain))
starts = jax.random.normal(jax.random.key(1), (chains, k))
jax.block_until_ready(run(jax.random.split(jax.random.key(2), chains), starts))
before, processor = time.perf_counter(), time.process_time()
theta, divergent = jax.block_until_ready(run(jax.random.split(jax.random.key(3), chains), starts))
seconds, processor = time.perf_counter() - before, time.process_time() - processor
np.asarray(theta, dtype="<f4").tofile(out)
print(json.dumps({"seconds": seconds, "processor": processor, "divergences": int(divergent.sum())}))
