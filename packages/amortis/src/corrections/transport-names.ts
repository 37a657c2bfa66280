/**
 * How the flow that carries residuals is called in files: see `transport.ts`.
 */

/** Before the names of its weights. */
export const PREFIX = "transport";

/** Names of its programs. */
export const [FORWARD, BACK] = ["transport", "transportBack"] as const;
