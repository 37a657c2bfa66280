/** The most memory that this process had at once. */
import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/** Megabytes. Linux counts what a process inherits in its resource usage, so that there its status is read. */
export function peakMegabytes(): number {
  const status = existsSync(STATUS) ? readFileSync(STATUS, "utf8") : "";
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024;
}
