/**
 * A decision: what was chosen, 0 or 1, and when. Evidence for 1 over 0 is a Wiener process until it reaches a boundary, and what else a response takes, perceiving and moving, is a constant time beside:
 *
 *     time = nonDecision + first passage,      choice = 1 at the upper boundary.
 *
 * Evidence has a variance of one a second, as in Stan, HDDM and HSSM; rtdists has `s = 1` for it, and gives the start as start · separation. The choice is discrete and the time continuous, whose density for either choice integrates to the
 * probability of that choice.
 */
import type { Stream } from "amortis";
import { wienerLogDensity, type Diffusion } from "amortis/extend";
import { firstPassage } from "./first-passage.js";

/** A diffusion with the time that is not deciding. */
export interface Decision extends Diffusion {
  /** Seconds. */
  readonly nonDecision: number;
}

/** A draw. */
export function drawDecision(
  decision: Decision,
  random: Stream,
): { readonly time: number; readonly choice: 0 | 1 } {
  const { time, boundary } = firstPassage(decision, random);
  return { time: decision.nonDecision + time, choice: boundary === "upper" ? 1 : 0 };
}

/** log-density of a time and a choice, in nats per second; -Infinity up to the time that is not deciding. */
export function decisionLogDensity(time: number, choice: number, decision: Decision): number {
  const side = choice === 1 ? "upper" : "lower";
  return wienerLogDensity(time - decision.nonDecision, side, decision);
}
