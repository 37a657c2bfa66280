/**
 * The report: one HTML document that stands alone.
 */
import type { ReviewResults } from "../results.js";
import { resultTables, type TextTable } from "../table.js";
import { REVERSE_KL_COVERAGE } from "../published.js";
import type { NamedFigure } from "./figures/index.js";

const STYLE = `
body { font: 16px/1.5 Helvetica, Arial, "DejaVu Sans", sans-serif; color: #1a1a1a; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #ddd; text-align: right; vertical-align: top; }
th:first-child, td:first-child, .words td { text-align: left; }
thead th { border-bottom: 2px solid #1a1a1a; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; } figcaption { font-size: .9rem; color: #444; }
@media print { body { margin: 0; } figure, table { break-inside: avoid; } }`;

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function table(rows: readonly (readonly string[])[], words = false): string {
  const [head = [], ...body] = rows;
  const cells = (row: readonly string[], tag: "td" | "th"): string =>
    `<tr>${row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table${words ? ' class="words"' : ""}><thead>${cells(head, "th")}</thead><tbody>${body.map((row) => cells(row, "td")).join("")}</tbody></table></div>`;
}

/** The document. */
export function reportHtml(results: ReviewResults, figures: readonly NamedFigure[]): string {
  const { scale, seed, createdAt, version, machine, seconds, gaussian, maxStable, settings } =
    results;
  const tables = resultTables(results).map(
    ({ title, rows }: TextTable) => `<h2>${escape(title)}</h2>${table(rows)}`,
  );
  const drawn = figures.map(
    ({ svg, caption }) => `<figure>${svg}<figcaption>${escape(caption)}</figcaption></figure>`,
  );
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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Neural methods for amortized inference, compared again</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Neural methods for amortized inference, compared again</h1>
<p>The experiments of Zammit-Mangion, Sainsbury-Dale and Huser, “Neural Methods for Amortized Inference” (arXiv 2404.12484),
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
)}
</body>
</html>
`;
}
