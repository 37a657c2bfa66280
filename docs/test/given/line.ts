/** The line of the README, with its likelihood, and data. */
import { line } from "../../scripts/pictures/models.js";

export { line };

/** One data set. */
export const y = Array.from({ length: 20 }, (_, i) => (0.8 * i) / 20 + 0.5 * Math.sin(7 * i));

/** Nine. */
export const batch = Array.from({ length: 9 }, (_, k) => y.map((value) => value + k / 20));

/** The data set that rounds are for. */
export const observed = { y };
