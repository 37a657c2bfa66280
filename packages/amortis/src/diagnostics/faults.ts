/**
 * Faults of answers in words, and what to do about them: verdicts on posteriors and on estimates share them.
 */

/** Chance of finding fault with answers that have none, by all tests together. */
export const FALSE_ALARMS = 0.05;

/** In which way answers are wrong. */
export type FaultKind =
  | "narrow"
  | "wide"
  | "biased"
  | "shape"
  | "prior"
  | "unused"
  | "joint"
  | "leak";

/** What was found. */
export interface Fault {
  readonly kinds: readonly FaultKind[];
  readonly words: string;
  /** None of faults of all parameters together. */
  readonly parameter?: string;
}

/** "is overconfident and is biased". */
export function faultWords(kinds: readonly FaultKind[]): string {
  const words: Partial<Record<FaultKind, string>> = {
    narrow: "is overconfident",
    wide: "is underconfident",
    biased: "is biased",
    shape: "is of the wrong shape",
  };
  return kinds.flatMap((kind) => words[kind] ?? []).join(" and ");
}

const ADVICE: Readonly<Record<FaultKind, string>> = {
  narrow:
    "more simulations help most against overconfidence; else an ensemble (members), a smaller network, a recalibration by held-out simulations, or weights of importance where there is a likelihood",
  wide: "a longer training, a larger network or a more flexible density make posteriors narrower",
  biased:
    "check that training and these simulations have one simulator and one prior; then more simulations, or a longer training",
  shape: "a more flexible density, such as a spline flow or flow matching, and more simulations",
  prior: "train with the prior that is meant, or weight by the ratio of the two",
  unused:
    "a larger summary network with more outputs, or a longer training; and check that rows of data and of parameters belong together",
  joint: "a density with correlations, such as a coupling flow, and more simulations",
  leak: "learn in unconstrained space, as priors with bounds do by themselves, or draw again those outside",
};

/** What to do about faults, in a line; none where there are none. */
export function adviceOn(faults: readonly Fault[]): readonly string[] {
  const kinds = [...new Set(faults.flatMap((fault) => fault.kinds))];
  return kinds.length === 0 ? [] : [`what to do: ${kinds.map((kind) => ADVICE[kind]).join("; ")}`];
}

/** "7.5 %". */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

/** Two digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}
