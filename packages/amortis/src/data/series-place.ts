/**
 * How a time of a series is told to networks.
 */

/** Times whose place is said as zero. */
const TYPICAL = 10;

/** A number for the place of a time, counted from 0: its logarithm, since what one more time tells is the less the more there were. */
export function placeOf(time: number): number {
  return Math.log((time + 1) / TYPICAL);
}

/** The name under which programs take what is seen at one time. */
export function seenName(name: string): string {
  return `seen:${name}`;
}
