/**
 * How the command ends: status 0 where all went well, 1 where something failed, 2 where it was asked for something that cannot be.
 */
export const DONE = 0;
export const FAILED = 1;
export const BAD_INPUT = 2;

/** Text without line breaks. */
export function oneLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}
