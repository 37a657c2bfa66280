/**
 * κ of one linear predictor: what sums of them are held against.
 */
import type { FamilyName } from "../src/family.js";

export function cumulant(name: FamilyName, eta: number): number {
  return name === "binomial" ? Math.log1p(Math.exp(eta)) : Math.exp(eta);
}
