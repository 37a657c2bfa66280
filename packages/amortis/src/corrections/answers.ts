/**
 * Ways to answer, by name: the networks alone, and what corrects or checks them (`answer-by.ts`).
 */
export const ANSWERS = ["amortized", "importance", "refined", "mcmc", "trusted"] as const;

/** A way to answer. */
export type AnswerBy = (typeof ANSWERS)[number];
