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
    text: "More about models and data",
    items: [
      { text: "Any data", link: "/data" },
      { text: "Priors", link: "/priors" },
      { text: "Hierarchies", link: "/hierarchies" },
      { text: "Simulating: programs, disks, machines", link: "/simulating" },
      { text: "Real data: influenza, hares and lynxes", link: "/dynamics" },
    ],
  },
  {
    text: "Training",
    items: [
      { text: "What will it cost?", link: "/planning" },
      { text: "Tuning", link: "/tuning" },
      { text: "Densities", link: "/densities" },
      { text: "The defaults, and what each gains", link: "/defaults" },
      { text: "Rounds for one data set", link: "/rounds" },
    ],
  },
  {
    text: "Answers and trust",
    items: [
      { text: "Diagnostics", link: "/diagnostics" },
      { text: "Answers that are checked, and corrected", link: "/trust" },
      { text: "Data that the model does not describe", link: "/misspecification" },
      { text: "Samplers, and a prior that may change", link: "/samplers" },
      { text: "Anything given anything", link: "/any-to-any" },
      { text: "Approximate Bayesian computation", link: "/abc" },
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
