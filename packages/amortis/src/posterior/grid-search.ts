/**
 * The search for a grid that resolves the posterior of one data set: look by look, and space by space.
 */
import { wholeGrid, type Grid, type GridSpace } from "./grid.js";
import { highest, type Evaluated } from "./grid-profile.js";
import { judgeGrid, type Verdict } from "./grid-verdict.js";
import { Refusal } from "./refusal.js";

/** Looks at one data set in one space; three do for a posterior a millionth as wide as its prior. */
const LOOKS = 12;

/** A look that leaves more than this of what was wrong has not helped. */
const HELPS = 0.8;

/** By how much the log density at the highest centre rises where a look came closer to a peak. */
const RISES = 1;

/** Looks in a row that do not help, and end the search. */
const PATIENCE = 2;

/** How far a search is. */
export interface Search {
  /** What is to be evaluated next. */
  readonly grid: Grid;
  /** Spaces left to try, without that of the grid. */
  readonly others: readonly GridSpace[];
  readonly look: number;
  /** The least that was wrong and the highest density so far, and for how many looks neither got better. */
  readonly least: number;
  readonly highest: number;
  readonly since: number;
}

/** The search in spaces, from the first one on. */
export function startSearch(grid: Grid, others: readonly GridSpace[]): Search {
  return { grid, others, look: 1, least: Infinity, highest: -Infinity, since: 0 };
}

/**
 * What follows from what was found on the grid of a search: that it will do, a search that goes on, or why there is no such grid.
 *
 * @param beyond whether terms mean something beyond the ends of a grid.
 */
export function continueSearch(
  search: Search,
  found: Evaluated,
  dataSet: number,
  beyond: boolean,
): "resolved" | Search | Refusal {
  const verdict = judgeGrid(found, beyond);
  if (verdict.kind === "resolved") return verdict.kind;
  if (verdict.kind === "never") {
    const { found: what, advice } = verdict;
    return new Refusal(`the posterior of data set ${dataSet} ${what}: ${advice}`, { final: true });
  }
  return lookAgain(search, verdict, highest(found)) ?? elsewhere(search, verdict.found, dataSet);
}

type Again = Extract<Verdict, { kind: "again" }>;

function lookAgain(search: Search, { excess, next }: Again, top: number): Search | undefined {
  // To reach further is no failure, nor is one cell again in the place of one cell, if it comes closer to the peak.
  const helped =
    excess === Infinity || excess < HELPS * search.least || top > search.highest + RISES;
  const since = helped ? 0 : search.since + 1;
  if (search.look >= LOOKS || since >= PATIENCE) return undefined;
  return {
    ...search,
    grid: next(),
    look: search.look + 1,
    least: Math.min(search.least, excess),
    highest: Math.max(search.highest, top),
    since,
  };
}

function elsewhere(
  { others: [space, ...others] }: Search,
  what: string,
  dataSet: number,
): Search | Refusal {
  if (space !== undefined) return startSearch(wholeGrid(space), others);
  return new Refusal(
    `the posterior of data set ${dataSet} ${what}: give more \`points\`, or ask for method "mcmc"`,
  );
}
