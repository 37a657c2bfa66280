/**
 * Progress as a line: one that is drawn over in a terminal, a plain one now and then in a log.
 */
import { printable } from "@amortis/graph";
import type { ProgressStream } from "../platform/progress-stream.js";

/** Seconds between plain lines. */
const PLAIN_SECONDS = 10;
/** Seconds between redrawings of the live line. */
const LIVE_SECONDS = 0.1;

/** Shows how far something is. */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #live: boolean;
  readonly #quiet: boolean;
  #shown = -Infinity;
  #latest = "";
  #printed = "";

  constructor(stream: ProgressStream, quiet = false) {
    this.#stream = stream;
    this.#live = stream.isTTY === true;
    this.#quiet = quiet;
  }

  /** Shows a line in place of the one before, unless that was just now. */
  show(line: string): void {
    if (this.#quiet) return;
    this.#latest = line;
    const now = performance.now() / 1000;
    if (now - this.#shown < (this.#live ? LIVE_SECONDS : PLAIN_SECONDS)) return;
    this.#shown = now;
    this.#draw();
  }

  /** Shows the latest line, and keeps it. */
  finish(): void {
    if (this.#latest === "") return;
    if (this.#latest !== this.#printed) this.#draw();
    if (this.#live) this.#stream.write("\n");
    this.#latest = "";
    this.#printed = "";
    this.#shown = -Infinity;
  }

  /** Prints a line that stays; also where progress is not wanted. */
  note(line: string): void {
    const latest = this.#latest;
    if (this.#live && latest !== "") this.#stream.write("\r\u001B[2K");
    this.#stream.write(`${printable(line)}\n`);
    if (this.#live && latest !== "") this.#draw();
  }

  #draw(): void {
    this.#printed = this.#latest;
    if (!this.#live) {
      this.#stream.write(`${printable(this.#latest)}\n`);
      return;
    }
    // A line that wraps cannot be drawn over.
    const room = Math.max(20, (this.#stream.columns ?? 80) - 1);
    this.#stream.write(`\r\u001B[2K${printable(this.#latest).slice(0, room)}`);
  }
}
