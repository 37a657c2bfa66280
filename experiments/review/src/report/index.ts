/**
 * Table, figures and report of the comparison.
 */
import type { ReviewResults } from "../results.js";

/** Writes all of them; to come. */
export async function writeReport(results: ReviewResults, directory: string): Promise<void> {
  await Promise.resolve([results, directory]);
}
