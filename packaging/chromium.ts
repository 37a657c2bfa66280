/**
 * The Chromium that tests run in.
 */
import { existsSync } from "node:fs";

const USUAL = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Switches for a machine without a screen, and without anything that runs beside the tests. */
export const CHROMIUM_ARGS: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Where Chromium is.
 *
 * @throws Error where there is none: says what to do.
 */
export function chromiumPath(): string {
  const given = process.env["CHROMIUM_PATH"];
  const found = (given ? [given] : USUAL).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const problem = given
    ? `CHROMIUM_PATH names ${given}, which does not exist`
    : "no Chromium was found";
  throw new Error(`${problem}: install it (apt-get install chromium) or set CHROMIUM_PATH`);
}
