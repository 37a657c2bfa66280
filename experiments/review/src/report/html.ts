/**
 * The report: one HTML document that stands alone.
 */
import { escapeHtml as escape, htmlFigure, htmlPage, htmlTable as table } from "amortis/figures";
import type { ReviewResults } from "../results.js";
import { resultTables, type TextTable } from "../table.js";
import { REVERSE_KL_COVERAGE } from "../published.js";
import type { NamedFigure } from "./figures/index.js";

/** The document. */
export function reportHtml(results: ReviewResults, figures: readonly NamedFigure[]): string {
  const { scale, seed, createdAt, version, machine, seconds, gaussian, maxStable, settings } =
    results;
  const tables = resultTables(results).map(
    ({ title, rows }: TextTable) => `<h2>${escape(title)}</h2>${table(rows)}`,
  );
  const drawn = figures.map(({ svg, caption }) => htmlFigure(svg, caption));
  const methods = gaussian.methods.map(({ label, description, notes }) => [
    label,
    description,
    notes.join("; "),
  ]);
  const rivals = maxStable.methods.map(({ label, notes }) => [
    label,
    "Inverted max-stable process.",
    notes.join("; "),
  ]);
  return htmlPage(
    "Neural methods for amortized inference, compared again",
    `<p>The experiments of Zammit-Mangion, Sainsbury-Dale and Huser, “Neural Methods for Amortized Inference” (arXiv 2404.12484),
run again by Amortis ${escape(version)} at the scale “${escape(scale)}”: seed ${seed}, ${escape(createdAt.slice(0, 10))}, ${Math.round(seconds / 60)} minutes of work on ${escape(machine)}.
To do it again: <code>amortis reproduce review --scale ${escape(scale)} --seed ${seed} --out DIR</code>.</p>
<p>In the Gaussian process the range θ has a uniform prior on (0, 0.6) and is one number, so the exact posterior is known by quadrature. Proper
scores (RMSE of the posterior mean, CRPS, interval score) are means over the same fresh test fields for all methods, with standard errors of one standard
deviation; “relative” is the ratio to the exact posterior’s own score, which nothing can beat on average. Numbers in parentheses are the published
ones; of CRPS and interval score, recomputed from the published draws. The second table has the review’s own definitions, with standard errors by the bootstrap, and
in parentheses the published number and how much worse ours is, in standard errors: ✓ at least as good, ≈ worse by less than two standard errors, ✗ worse.
Published numbers are of another 1,000 fields and have errors like ours; a coverage is the better the closer it is to 90 %. Those scores are medians over
fields, and medians flatter a method that is badly wrong on a few; MCRPS is the median of ½ E|θ − X|, which is not the CRPS and rewards answers that
are too narrow. The published reverse-KL variants leave the prior’s Jacobian out of their objective; their intervals of 90 % cover ${escape(REVERSE_KL_COVERAGE)}.</p>
${tables.join("\n")}
<h2>Figures</h2>
${drawn.join("\n")}
<h2>Methods</h2>
${table([["method", "what it is", "notes"], ...methods, ...rivals], true)}
<h2>Settings, and where they differ from the published ones</h2>
${table(
  [
    ["setting", "published", "here", "why"],
    ...settings.map(({ name, published, ours, reason }) => [name, published, ours, reason]),
  ],
  true,
)}`,
  );
}
