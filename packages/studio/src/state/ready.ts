/**
 * Estimators that the studio brings along.
 */

/** One of them. */
export interface Ready {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly url: URL;
}

const files: readonly Omit<Ready, "url">[] = [
  {
    name: "gaussian-field",
    title: "Gaussian field",
    about: "the range of a random field on a 16 × 16 grid",
  },
  { name: "line", title: "Line", about: "intercept, slope and noise of 24 points, some missing" },
  {
    name: "ceiling",
    title: "Ceiling",
    about: "mean and spread of 24 readings, those above a ceiling hidden",
  },
];

/** All of them. */
export const ready: readonly Ready[] = files.map((one) => ({
  ...one,
  url: new URL(`estimators/${one.name}.amortis`, document.baseURI),
}));

/** One by its name. */
export function findReady(name: string): Ready | undefined {
  return ready.find((one) => one.name === name);
}
