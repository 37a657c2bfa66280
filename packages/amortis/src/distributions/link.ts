/**
 * Links: by which map a prior of one number leaves its support for the real line, where networks see it and chains move.
 */
import type { Bijection } from "./bijection.js";
import { kindOf, type CoordinateKind } from "./coordinates.js";
import { requireSetting } from "./distribution.js";
import { intervalBijection } from "./interval-bijection.js";
import { normalScores, type Scores } from "./normal-scores.js";

/** The maps that follow from bounds alone, by name. */
export type SupportLink = "identity" | "log" | "logit";

/** How a parameter leaves its support. */
export interface LinkOptions<L extends string = SupportLink> {
  /**
   * From the support to the real line: "normal-scores", z = Φ⁻¹(F(θ)), by which the prior itself is standard normal; or the map that the bounds
   * alone say: "identity" of the whole line, "log" of a half-line, "logit" of an interval. By default normal scores, unless the latter are
   * the same but for location and scale, as of normal and log-normal priors.
   */
  readonly link?: "normal-scores" | L;
}

const NAMES: Readonly<Record<CoordinateKind, SupportLink>> = {
  real: "identity",
  above: "log",
  below: "log",
  interval: "logit",
};

/** The link that bounds alone say, which was every prior's before there were normal scores: files leave it out. */
export function supportLink(lower: number, upper: number): SupportLink {
  return NAMES[kindOf(lower, upper)];
}

/** A link that was chosen. */
export interface Link {
  readonly name: string;
  readonly bijection: () => Bijection;
}

/**
 * The link that options name, of a prior on (lower, upper).
 *
 * @param others further links by name.
 * @throws InvalidArgumentError where there is no such link or no such option.
 */
export function chooseLink(
  what: string,
  options: LinkOptions<string>,
  {
    lower,
    upper,
    scores,
  }: { readonly lower: number; readonly upper: number; readonly scores: Scores },
  others: Readonly<Record<string, () => Bijection>> = {},
): Link {
  const own = supportLink(lower, upper);
  const links: Readonly<Record<string, () => Bijection>> = {
    "normal-scores": () => normalScores(scores, lower, upper),
    [own]: () => intervalBijection(lower, upper),
    ...others,
  };
  const unknown = Object.keys(options).find((key) => key !== "link");
  requireSetting(unknown === undefined, what, 'has no option but "link"', unknown ?? "");
  // By a line the support's own map has the scores already, but for location and scale, which all that learn take off.
  const { link: name = scores.kind === "line" ? own : "normal-scores" } = options;
  const bijection = Object.hasOwn(links, name) ? links[name] : undefined;
  const known = Object.keys(links).map((one) => `"${one}"`);
  requireLink(bijection, what, known.join(" or "), name);
  return { name, bijection };
}

function requireLink(
  found: (() => Bijection) | undefined,
  what: string,
  known: string,
  given: string,
): asserts found is () => Bijection {
  requireSetting(found !== undefined, what, `needs the link ${known}`, given);
}
