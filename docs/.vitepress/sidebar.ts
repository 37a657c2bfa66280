/**
 * The pages of the site in the order they are read; `llms.txt` lists them too.
 */

/** A page: its title in lists, and its address without `.html`. */
export interface Entry {
  readonly text: string;
  readonly link: string;
}

/** Pages that belong together. */
export interface Section {
  readonly text: string;
  readonly items: readonly Entry[];
  readonly collapsed?: boolean;
}

export const SECTIONS: readonly Section[] = [
  {
    text: "Begin here",
    items: [
      { text: "Your first posterior", link: "/guide/first-model" },
      { text: "Read the answer", link: "/guide/answers" },
      { text: "Can I trust it?", link: "/guide/trusting" },
      { text: "Which method?", link: "/guide/choosing" },
      { text: "From the command line", link: "/guide/command-line" },
      { text: "In a page", link: "/guide/in-a-page" },
      { text: "Simulations from elsewhere", link: "/guide/elsewhere" },
    ],
  },
  {
    text: "The methods",
    items: [
      { text: "Posterior estimation: npe", link: "/methods/npe" },
      { text: "Bayes estimation: nbe", link: "/methods/nbe" },
      { text: "Likelihood estimation: nle", link: "/methods/nle" },
      { text: "Ratio estimation: nre", link: "/methods/nre" },
      { text: "Telescoping ratios", link: "/methods/telescoping" },
      { text: "Variational inference", link: "/methods/variational" },
      { text: "Synthetic likelihood", link: "/methods/synthetic-likelihood" },
      { text: "Approximate Bayesian computation", link: "/methods/abc" },
      { text: "Anything given anything", link: "/methods/any-to-any" },
      { text: "Groups within groups", link: "/methods/hierarchical" },
      { text: "States that vary in time", link: "/methods/smoothing" },
      { text: "Ranks under the prior", link: "/methods/rank-posterior" },
      { text: "Summaries of much information", link: "/methods/mutual-information-summary" },
      { text: "Summaries that are moments", link: "/methods/posterior-moments-summary" },
      { text: "Summaries of Fisher information", link: "/methods/fisher-information-summary" },
      { text: "Summaries of much dependence", link: "/methods/distance-correlation-summary" },
      { text: "Incomplete data: neural EM", link: "/methods/neural-em" },
      { text: "Peaks over a threshold", link: "/methods/peaks-over-threshold" },
      { text: "Rounds for one data set", link: "/methods/rounds" },
      { text: "Without learning", link: "/methods/model-posterior" },
    ],
  },
  {
    text: "More about models and data",
    items: [
      { text: "Any data", link: "/data" },
      { text: "Priors", link: "/priors" },
      { text: "Hierarchies in depth", link: "/hierarchies" },
      { text: "Parameters that vary in time", link: "/state-space" },
      { text: "Mixed models by a formula", link: "/mixed-models" },
      { text: "Response times", link: "/response-times" },
      { text: "Simulating: programs, disks, machines", link: "/simulating" },
      { text: "Real data: influenza, hares and lynxes", link: "/dynamics" },
      { text: "Real data: ozone, with gaps", link: "/ozone" },
    ],
  },
  {
    text: "Training",
    items: [
      { text: "What will it cost?", link: "/planning" },
      { text: "Tuning", link: "/tuning" },
      { text: "Densities", link: "/densities" },
      { text: "The defaults, and what each gains", link: "/defaults" },
      { text: "Rounds in depth", link: "/rounds" },
    ],
  },
  {
    text: "Answers and trust",
    items: [
      { text: "Diagnostics", link: "/diagnostics" },
      { text: "Answers that are checked, and corrected", link: "/trust" },
      { text: "Data that the model does not describe", link: "/misspecification" },
      { text: "Conjugate models: all methods beside exact answers", link: "/conjugate" },
      { text: "Samplers, and a prior that may change", link: "/samplers" },
      { text: "Any-to-any in depth", link: "/any-to-any" },
      { text: "ABC in depth", link: "/abc" },
      { text: "Amortized ABC against networks", link: "/abc-or-networks" },
      { text: "Models compared", link: "/comparing-models" },
    ],
  },
  {
    text: "Where answers are given",
    items: [
      { text: "The estimator's file", link: "/estimator-file" },
      { text: "The studio", link: "/studio" },
      { text: "Serving", link: "/serving" },
    ],
  },
  {
    text: "Measured",
    items: [
      { text: "The review's comparison, run again", link: "/review" },
      { text: "Cases that went wrong once", link: "/cases" },
    ],
  },
  {
    text: "Coming from elsewhere",
    items: [
      { text: "From sbi", link: "/migration/sbi" },
      { text: "From BayesFlow", link: "/migration/bayesflow" },
      { text: "From NeuralEstimators", link: "/migration/neural-estimators" },
      { text: "For coding agents", link: "/agents" },
    ],
  },
  {
    text: "Inside",
    items: [
      { text: "The engine", link: "/engine" },
      { text: "Contributing: what adding something touches", link: "/contributing" },
      { text: "Dependencies, and why", link: "/dependencies" },
    ],
  },
];

/** The reference, by entry. */
export const REFERENCE: Section = {
  text: "The library, name by name",
  items: [
    { text: "amortis", link: "/api/amortis/" },
    { text: "amortis/diagnostics", link: "/api/amortis/diagnostics/" },
    { text: "amortis/figures", link: "/api/amortis/figures/" },
    { text: "amortis/files", link: "/api/amortis/files/" },
    { text: "amortis/extend", link: "/api/amortis/extend/" },
  ],
};
