/** Views beside the data and the posterior. */
export const TABS = [
  "corner",
  "table",
  "prior",
  "predict",
  "many",
  "calibration",
  "compare",
  "playground",
  "take",
  "about",
] as const;

export type Tab = (typeof TABS)[number];
