/**
 * Answers as a table for people.
 */
import type { AnswerDocument } from "amortis/answers";
import { count, plural, short, table } from "./format.js";

/** Data sets that a table shows. */
const ROWS = 10;

/** The first data sets as a table. */
export function summarize(
  { parameters, datasets, estimate }: AnswerDocument,
  samples?: number,
): string {
  const shown = datasets.slice(0, ROWS);
  const first = datasets.length > ROWS ? `; the first ${ROWS} (--json prints all)` : "";
  const total = plural(datasets.length, "data set");
  if (datasets[0]?.summary !== undefined) {
    const header = ["data set", ...datasets[0].summary.map((_, j) => `summary ${j}`)];
    const lines = shown.map(({ summary = [] }, i) => [String(i), ...summary.map(short)]);
    return `${total}${first}\n\n${table([header, ...lines], 1)}`;
  }
  const answered = datasets.find(({ status }) => status !== "refused");
  const levels = Object.keys(answered?.quantiles ?? {}).toSorted((a, b) => Number(a) - Number(b));
  const point = estimate === undefined ? ["mean", "sd"] : [estimate];
  const percent = levels.map((level) => `${Number((100 * Number(level)).toPrecision(6))} %`);
  const rows = shown.flatMap((answer, i) =>
    (answer.status === "refused" ? [] : parameters).map((name) => {
      const values =
        estimate === undefined
          ? [answer.mean?.[name], answer.sd?.[name]]
          : [answer.estimate?.[name]];
      const quantiles = levels.map((level) => answer.quantiles?.[level]?.[name]);
      const numbers = [...values, ...quantiles].map((value) =>
        value === undefined ? "-" : short(value),
      );
      return [String(i), name, ...numbers];
    }),
  );
  const draws = samples === undefined ? "" : `, ${count(samples)} draws each`;
  const notes = shown.flatMap(({ status, note }, i) =>
    note === undefined ? [] : [`data set ${i}: ${status === "refused" ? "refused: " : ""}${note}`],
  );
  const shares = shown.flatMap(({ probabilities = {} }, i) =>
    Object.entries(probabilities).map(
      ([name, labels]) =>
        `data set ${i}: ${name} is ${Object.entries(labels)
          .map(([label, share]) => `${label} (${short(100 * share)} %)`)
          .join(", ")}`,
    ),
  );
  const header = ["data set", "parameter", ...point, ...percent];
  return [
    `${total}${draws}${first}\n`,
    table([header, ...rows], 2),
    ...shares,
    ...labels(datasets),
    ...notes,
  ].join("\n");
}

/** How many data sets have each label, and the causes of those that are refused; nothing where there are no labels. */
function labels(datasets: AnswerDocument["datasets"]): readonly string[] {
  const counts = countsOf(datasets.flatMap(({ label }) => label ?? []));
  if (counts.length === 0) return [];
  const causes = countsOf(datasets.flatMap(({ cause }) => cause ?? []));
  const inWords = counts.map(([label, n]) => `${count(n)} ${label}`).join(", ");
  const why = causes.map(([cause, n]) => `${count(n)}: ${cause}`).join("; ");
  return [`${inWords}${why === "" ? "" : ` (${why})`}`];
}

/** Values with their counts, the most frequent first. */
function countsOf(values: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}
