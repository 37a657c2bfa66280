/**
 * Exact draws of first passages of a Wiener process between two boundaries.
 *
 * About the process lies a largest symmetric interval that does not reach beyond a boundary. When and where it leaves that is known (`exit-time.ts`): at a boundary, or at a place from which the same is asked again. Of the ends of
 * an interval one is a boundary, so that a few of them are enough, and there is no step in time whose size would matter.
 *
 * Reference: Tuerlinckx, Maris, Ratcliff & De Boeck 2001, "A comparison of four methods for simulating the diffusion process", Behavior Research Methods 33, whose rejection method this is.
 */
import type { Stream } from "amortis";
import { InvalidArgumentError, type Diffusion } from "amortis/extend";
import { exitTime } from "./exit-time.js";

/** When a process ended, and where. */
export interface Passage {
  /** Seconds. */
  readonly time: number;
  readonly boundary: "lower" | "upper";
}

/**
 * A draw of the first passage.
 *
 * @throws InvalidArgumentError where the separation is not positive, the drift no number, or the start not within (0, 1).
 * @example
 * firstPassage({ drift: 1, separation: 2, start: 0.5 }, stream(1)); // { time, boundary }
 */
export function firstPassage({ drift, separation, start }: Diffusion, random: Stream): Passage {
  if (!(Number.isFinite(drift * separation) && separation > 0 && start > 0 && start < 1)) {
    throw new InvalidArgumentError(
      `firstPassage needs a finite separation above 0 and a start within (0, 1), but was given ${separation} and ${start}, with drift ${drift}`,
    );
  }
  let time = 0;
  let [below, above] = [start * separation, (1 - start) * separation];
  for (;;) {
    const reach = Math.min(below, above);
    time += reach * reach * exitTime(drift * reach, random);
    const isUp = random.uniform() * (1 + Math.exp(-2 * drift * reach)) < 1;
    if (isUp ? above <= reach : below <= reach) {
      return { time, boundary: isUp ? "upper" : "lower" };
    }
    const step = isUp ? reach : -reach;
    [below, above] = [below + step, above - step];
  }
}
