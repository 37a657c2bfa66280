/**
 * Configurations as plain data, as files have them, and how their parts are drawn.
 */
import type { Json } from "../json.js";
import type { Stream } from "../random/index.js";

/** Settings by name. */
export type Plain = Readonly<Record<string, Json>>;

/** Values of each setting to choose from. */
export type Choices = Readonly<Record<string, readonly Json[]>>;

/** One of several. */
export function pick<T>(random: Stream, among: readonly [T, ...T[]]): T {
  return among[random.integer(among.length)] ?? among[0];
}

/** Each setting with probability 1/2, at one of its values. */
export function drawSettings(random: Stream, choices: Choices): Plain {
  const drawn = Object.entries(choices).flatMap(([name, values]): [string, Json][] => {
    const chosen = values[random.integer(values.length)];
    return random.uniform() < 0.5 && chosen !== undefined ? [[name, chosen]] : [];
  });
  return Object.fromEntries(drawn);
}

/** A number times the exponential of what lies evenly between two bounds, to two digits. */
export function scaled(random: Stream, value: number, least: number, most: number): number {
  const factor = Math.exp(Math.log(least) + random.uniform() * Math.log(most / least));
  return Number((value * factor).toPrecision(2));
}
