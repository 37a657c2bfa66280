/**
 * Where we differ from the published code, and why.
 */
import { REVERSE_KL_COVERAGE } from "./published.js";
import type { ReviewResults } from "./results.js";
import type { ReviewSettings, TrainingPlan } from "./settings.js";

const count = (n: number): string => n.toLocaleString("en-US");
const plan = ({ epochs, batch, learningRate, weightDecay }: TrainingPlan): string =>
  `${epochs} epochs, batch ${batch}, AdamW, learning rate ${learningRate} (warm-up, cosine), weight decay ${weightDecay}`;

/** The list of settings. */
export function differences({
  scale,
  gaussian,
  maxStable,
  ratio,
}: ReviewSettings): ReviewResults["settings"] {
  const same = "As published.";
  const fewer = `The scale ${scale} has fewer; the scale paper has the published numbers.`;
  return [
    {
      name: "Gaussian fields: training, validation, test",
      published: "160,000, 20,000, 1,000",
      ours: `${count(gaussian.training)}, ${count(gaussian.validation)}, ${count(gaussian.test)}`,
      reason:
        scale === "paper"
          ? "As published. All methods share them; test fields have seeds of their own and choose nothing."
          : `${fewer} All methods share them; test fields choose nothing.`,
    },
    {
      name: "Summary network of fields",
      published: "3×3 convolutions of 64 and 128 filters, 2×2 max pooling after each, dense 64",
      ours: "the same, pooling by means; training shows each field reflected, transposed and with its sign changed at random, which leaves its likelihood as it is",
      reason:
        "Validation losses are lower: the mean keeps what the maximum of noise throws away, and a field that never looks the same is not learned by heart.",
    },
    {
      name: "Training",
      published: "a fixed number of epochs",
      ours: "AdamW with a falling learning rate; the weights of the epoch with the lowest validation loss, and an end after 20 epochs without a lower one, which no training here is long enough for",
      reason: "More epochs then help where they can, and harm nowhere.",
    },
    {
      name: "Scores",
      published: "medians over test fields of squared error, interval score and ½E|θ-X|",
      ours: "means of proper scores with standard errors, relative to the exact posterior's; the published definitions beside them",
      reason:
        "Medians flatter an answer that is badly wrong on a few fields, and ½E|θ-X| rewards answers that are too narrow.",
    },
    {
      name: "MCMC",
      published:
        "24,000 iterations, 4,000 of burn-in with adaptation every 100, thinned by 20 to 1,000 draws",
      ours: `${count(gaussian.mcmc.iterations)} iterations, ${count(gaussian.mcmc.burnIn)} of burn-in with adaptation every ${gaussian.mcmc.adaptEvery}, thinned by ${gaussian.mcmc.thin}; the likelihood itself on ${gaussian.mcmc.bruteForceFields} fields, which gives the seconds a field; all test fields by a tabulated log-likelihood, whose error is measured and said`,
      reason: "All fields with the likelihood itself would take an hour, and give the same draws.",
    },
    {
      name: "fKL",
      published: "4 affine couplings on Φ⁻¹(θ/0.6), 2 epochs, batch 32",
      ours: `4 affine couplings on Φ⁻¹(θ/0.6), ${plan(gaussian.fkl)}; beyond the review, a spline flow`,
      reason:
        "Of one parameter, affine couplings are a Gaussian given the summary. Two epochs are too few.",
    },
    {
      name: "NBE",
      published: "squared error for the mean; a second network for the 5 and 95 % quantiles",
      ours: `one network with both losses, ${plan(gaussian.nbe)}; quantiles are offsets from the mean`,
      reason: "Quantiles learn faster from the point estimate on, and cannot cross.",
    },
    {
      name: "rKL1: the objective",
      published: "log p(Z|θ) + log p(θ) at θ = g(u), without log|dg/du|",
      ours: "with log|dg/du|",
      reason: `Without the Jacobian the target is the posterior of a prior flat in u. Published intervals of 90 % cover ${REVERSE_KL_COVERAGE}.`,
    },
    {
      name: "rKL1: the family",
      published: "Gaussian in logit(θ/0.6), 2 epochs, batch 32",
      ours: `the same family, ${plan(gaussian.rkl1)}, gradients of the path, one draw a field; beyond the review, a spline flow with 4 draws a field, ${plan(gaussian.rkl1Spline)}`,
      reason: "A Gaussian cannot follow a posterior cut off at θ = 0.6; a spline can.",
    },
    {
      name: "rKL2 and rKL3: binding functions",
      published: "network 16-16, 10 epochs at batch 64 and 10 at batch 2,048",
      ours: `network 16-16, ${plan(gaussian.binding)}`,
      reason: "A falling learning rate does what the larger batch does.",
    },
    {
      name: "rKL2 and rKL3: variational network",
      published: "Gaussian in u, of the field or the summary, 10 epochs at batch 512",
      ours: `spline flow of the summary, 4 draws a field, ${plan(gaussian.variational)}`,
      reason:
        "The posterior under a likelihood of the summary depends on the field through it alone.",
    },
    {
      name: "rKL3: summary",
      published:
        "CNN, one summary, Jensen-Shannon bound, critic 16-16 with batch normalisation, 5 epochs, batch 32",
      ours: `the CNN of all methods, one summary, Jensen-Shannon bound, critic 16-16 without batch normalisation, 31 negatives a field, ${plan(gaussian.information)}`,
      reason:
        "More epochs and more negatives lose less information. With batch normalisation the critic's value of a pair would depend on which other pairs, true and false, are in its minibatch.",
    },
    {
      name: "NRE",
      published: "small convolutional embedding, classifier with 10 hidden units, θ on 750 points",
      ours: `the same CNN as all, ${plan(gaussian.nre)}, 4 negatives a field, θ on a grid of 1,000 cells, finer ones about a narrow posterior; negatives never pair a field with its own θ; beyond the review, importance resampling from the prior`,
      reason: "The review's embedding loses what the others keep.",
    },
    {
      name: "Max-stable fields: training, validation, test",
      published: "160,000, 20,000, 1,000",
      ours: `${count(maxStable.training)}, ${count(maxStable.validation)}, ${count(maxStable.test)}`,
      reason: scale === "paper" ? same : fewer,
    },
    {
      name: "Max-stable: fKL",
      published: "as in the Gaussian process, with two outputs",
      ours: `the same CNN of log X (fields reflected and transposed at random in training), spline flow, ${plan(maxStable.fkl)}`,
      reason: "On the logarithmic scale small values, which carry the dependence, are seen.",
    },
    {
      name: "Max-stable: composite likelihood",
      published: "pairs closer than 0.2, BFGS with bounds from (0.5, 1.5)",
      ours: `pairs closer than ${maxStable.pairDistance}, BFGS with the prior's bounds from (0.5, 1.5), and from two short ranges where that ends without any correlation`,
      reason:
        "Without correlation the composite likelihood is flat, and one search may stop there.",
    },
    {
      name: "Ratio experiment",
      published: "classifier with three hidden layers of 64",
      ours: `three hidden layers of ${ratio.hidden.join(", ")}, ${count(ratio.training)} draws, batch ${count(ratio.batch)}, looked at after ${ratio.snapshots.join(", ")} epochs`,
      reason: same,
    },
  ];
}
