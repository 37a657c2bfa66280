/**
 * What lies beside a likelihood of one trial: a README, and how PyMC and NumPyro sample with it.
 */
import { sizeOf } from "../data/shape.js";
import type { ExportedTrial } from "./single-trial.js";

/** Names of the places of a trial, parameters first. */
function placesOf({ parameterNames, arrays }: ExportedTrial): readonly string[] {
  const rows = [
    `| 0${parameterNames.length > 1 ? ` to ${parameterNames.length - 1}` : ""} | parameters | ${parameterNames.join(", ")} |`,
  ];
  let at = parameterNames.length;
  for (const { name, shape } of arrays) {
    const size = sizeOf(shape);
    rows.push(
      `| ${at}${size > 1 ? ` to ${at + size - 1}` : ""} | data | ${name}${shape.length > 0 ? ` [${shape.join(", ")}], the last axis fastest` : ""} |`,
    );
    at += size;
  }
  return rows;
}

const meaningOf = ({ term, upToConstant }: ExportedTrial): string => {
  if (term === "logLikelihood") return "log q(z | θ)";
  return `log q(z | θ) / q(z)${upToConstant ? ", up to a constant of each data set" : ""}, which is the log-likelihood up to what does not depend on θ`;
};

/** What the files are, and how they are called. */
export function trialReadme(exported: ExportedTrial): string {
  const { method, model, term, hasGradient, parameterNames, arrays, shares } = exported;
  const { ofReplicates, opset, offsets } = exported;
  const p = parameterNames.length;
  const d = arrays.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const sum = ofReplicates
    ? "Elements of a data set are independent given the parameters: a data set of many is the sum over them."
    : "A trial is a whole data set as the model makes it: several independent ones are the sum over them.";
  const percents = shares.map((share) => `${Number((100 * share).toPrecision(4))} %`).join(", ");
  const mixture =
    shares.length === 0
      ? ""
      : `\nIt is an ensemble's: the mixture of ${shares.length} networks with the shares ${percents}, which is in the model.${ofReplicates ? " The mixture is of each trial; `amortis` mixes data sets as wholes, so that of many trials the two differ a little." : ""}\n`;
  const exact = offsets
    ? "\nNumbers lie on an offset that training took off in double precision; here it is taken off in single precision, in which such numbers have fewer digits.\n"
    : "";
  return `# One trial of ${model.name}, by ${method}
Plain ONNX with standard operators at operator set ${opset} and weights inside, for samplers of other libraries. Every shape is known, and no size is dynamic.

| file | takes | gives |
|---|---|---|
| ${term}.onnx | trial float32 [${p + d}] | ${term} float32 []: ${meaningOf(exported)} |
${hasGradient ? `| gradient.onnx | trial float32 [${p + d}] | ${term} float32 []; gradient float32 [${p}]: its gradient in the parameters |\n` : ""}
A trial is one vector:

| places | what | in this order |
|---|---|---|
${placesOf(exported).join("\n")}

${sum}
${mixture}${exact}
The prior is not in it: write your own. What was learned counts where the model's prior had its mass; outside of its support the function says nothing, so keep within:

| parameter | trained with the prior |
|---|---|
${model.parameters.map(({ name, prior }) => `| ${name} | \`${JSON.stringify(prior)}\` |`).join("\n")}

\`pymc_example.py\` (PyMC 5 or 6, onnxruntime) and \`numpyro_example.py\` (NumPyro, onnxruntime) sample with it. The files keep to the contract of HSSM and LANfactory (one vector, every size known), but are of operator set ${opset}, where jaxonnxruntime 0.3, by which HSSM reads them, knows 19.
`;
}

/** How a prior is written in a language: its call but for the name, by the name of its kind. */
type Calls = Readonly<Record<string, (of: Readonly<Record<string, unknown>>) => string>>;

const PYMC: Calls = {
  uniform: ({ lower, upper }) => `Uniform(%, ${String(lower)}, ${String(upper)})`,
  normal: ({ mean, sd }) => `Normal(%, ${String(mean)}, ${String(sd)})`,
  logNormal: ({ mu, sigma }) => `LogNormal(%, ${String(mu)}, ${String(sigma)})`,
  halfNormal: ({ sd }) => `HalfNormal(%, ${String(sd)})`,
  exponential: ({ rate }) => `Exponential(%, ${String(rate)})`,
  gamma: ({ shape, rate }) => `Gamma(%, ${String(shape)}, ${String(rate)})`,
  beta: ({ a, b }) => `Beta(%, ${String(a)}, ${String(b)})`,
};

const NUMPYRO: Calls = {
  uniform: ({ lower, upper }) => `Uniform(${String(lower)}, ${String(upper)})`,
  normal: ({ mean, sd }) => `Normal(${String(mean)}, ${String(sd)})`,
  logNormal: ({ mu, sigma }) => `LogNormal(${String(mu)}, ${String(sigma)})`,
  halfNormal: ({ sd }) => `HalfNormal(${String(sd)})`,
  exponential: ({ rate }) => `Exponential(${String(rate)})`,
  gamma: ({ shape, rate }) => `Gamma(${String(shape)}, ${String(rate)})`,
  beta: ({ a, b }) => `Beta(${String(a)}, ${String(b)})`,
};

/** A line for each number among the parameters; where its prior has no name there, a normal that says so. */
function priorsOf(
  { model }: ExportedTrial,
  calls: Calls,
  line: (name: string, call: string, comment: string) => string,
): string {
  return model.parameters
    .flatMap(({ name, shape, prior }) => {
      const of: Readonly<Record<string, unknown>> = Object(prior);
      const known = shape.length === 0 ? calls[String(of["name"])] : undefined;
      const call = known?.(of) ?? calls["normal"]?.({ mean: 0, sd: 1 }) ?? "";
      const comment =
        known === undefined
          ? `  # put your prior here; it was trained with ${JSON.stringify(prior)}`
          : "";
      const size = sizeOf(shape);
      return shape.length === 0
        ? [line(name, call, comment)]
        : Array.from({ length: size }, (_, i) =>
            line(`${name}_${i}`, call, i === 0 ? comment : ""),
          );
    })
    .join("\n");
}

const DATA = ({ arrays, parameterNames }: ExportedTrial): string => {
  const d = arrays.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return `P, D = ${parameterNames.length}, ${d}  # parameters, numbers of a trial: ${arrays.map(({ name }) => name).join(", ")}
trials = np.load("trials.npy").astype(np.float32)  # yours: [trials, D], in the order that README.md says
assert trials.ndim == 2 and trials.shape[1] == D, f"trials.npy should be [trials, {D}], but is {trials.shape}"`;
};

/** Value and gradient over all trials, in Python: of a file without gradients, by central differences. */
const TERM = ({ term, hasGradient }: ExportedTrial): string =>
  hasGradient
    ? `session = ort.InferenceSession("gradient.onnx")


def log_likelihood(theta):
    """The sum over trials, and its gradient in the parameters."""
    parameters = np.asarray(theta, np.float32)
    results = [session.run(["${term}", "gradient"], {"trial": np.concatenate([parameters, z])}) for z in trials]
    return np.sum([value for value, _ in results], dtype=np.float64), np.sum([slope for _, slope in results], axis=0, dtype=np.float64)`
    : `session = ort.InferenceSession("${term}.onnx")


def value_of(theta):
    parameters = np.asarray(theta, np.float32)
    return float(sum(session.run(None, {"trial": np.concatenate([parameters, z])})[0] for z in trials))


def log_likelihood(theta, step=1e-2):
    """The sum over trials, and its gradient in the parameters by central differences: this file has none."""
    sides = [(value_of(theta + step * e), value_of(theta - step * e)) for e in np.eye(P)]
    return value_of(theta), np.array([(above - below) / (2 * step) for above, below in sides])`;

/** Sampling with PyMC. */
export function examplePyMC(exported: ExportedTrial): string {
  return `import numpy as np
import onnxruntime as ort
import pymc as pm
import pytensor.tensor as pt
from pytensor.graph.op import Op

${DATA(exported)}
${TERM(exported)}


class Gradient(Op):
    itypes, otypes = [pt.dvector], [pt.dvector]

    def perform(self, node, inputs, outputs):
        outputs[0][0] = log_likelihood(inputs[0])[1]


class LogLikelihood(Op):
    itypes, otypes = [pt.dvector], [pt.dscalar]

    def perform(self, node, inputs, outputs):
        outputs[0][0] = np.asarray(log_likelihood(inputs[0])[0])

    def pullback(self, inputs, outputs, cotangents):
        return [cotangents[0] * Gradient()(inputs[0])]

    def grad(self, inputs, cotangents):  # the same, as PyMC 5 calls it
        return [cotangents[0] * Gradient()(inputs[0])]


with pm.Model():
    theta = [
${priorsOf(exported, PYMC, (name, call, comment) => `        pm.${call.replace("%", JSON.stringify(name))},${comment}`)}
    ]
    pm.Potential("likelihood", LogLikelihood()(pt.stack(theta).astype("float64")))
    result = pm.sample(draws=1000, tune=1000, chains=4, cores=1, random_seed=1, progressbar=False)

for name, draws in result.posterior.items():
    print(f"{name}: mean {float(draws.mean()):.4f}, sd {float(draws.std()):.4f}")
`;
}

/** Sampling with NumPyro. */
export function exampleNumPyro(exported: ExportedTrial): string {
  return `import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import onnxruntime as ort
from numpyro.infer import MCMC, NUTS

${DATA(exported)}
${TERM(exported)}


def on_host(theta):
    value, slope = log_likelihood(np.asarray(theta))
    return np.float32(value), slope.astype(np.float32)


def both(theta):
    shapes = (jax.ShapeDtypeStruct((), jnp.float32), jax.ShapeDtypeStruct((P,), jnp.float32))
    return jax.pure_callback(on_host, shapes, theta, vmap_method="sequential")


@jax.custom_vjp
def likelihood(theta):
    return both(theta)[0]


likelihood.defvjp(lambda theta: both(theta), lambda slope, cotangent: (cotangent * slope,))


def model():
    theta = [
${priorsOf(exported, NUMPYRO, (name, call, comment) => `        numpyro.sample(${JSON.stringify(name)}, dist.${call}),${comment}`)}
    ]
    numpyro.factor("likelihood", likelihood(jnp.stack(theta)))


mcmc = MCMC(NUTS(model), num_warmup=1000, num_samples=1000, num_chains=4, chain_method="sequential", progress_bar=False)
mcmc.run(jax.random.PRNGKey(1))
for name, draws in mcmc.get_samples().items():
    print(f"{name}: mean {draws.mean():.4f}, sd {draws.std():.4f}")
`;
}
