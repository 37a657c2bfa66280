/**
 * Numbers and words for people.
 */

/** Three significant digits; a true minus. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** "90 %". */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

/** "36,605". */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** "150 kB". */
export function bytes(value: number): string {
  return value < 1e6 ? `${Math.round(value / 1e3)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

/** "70 s", "3 min". */
export function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
