/** The memory of a session: pieces taken and given back, and the memory grown where there is no room. */
import { RuntimeError } from "../errors.js";
import { writeTables } from "./math/tables.js";

/** What WebAssembly's memory grows by. */
const PAGE = 65536;

/** Most that addresses of 32 bits reach. */
const MOST_PAGES = 65536;

/** Bytes at the start: tables of numbers, and cells that say where inputs are. */
const RESERVED = 4096;

/** Where cells are; each holds an address and a number of rows. */
export const CELLS = 1024;

/** How many there are. */
export const MOST_CELLS = (RESERVED - CELLS) / 8;

/** Room after the last piece, since loops may read a little further than there is something. */
const SLACK = 1024;

interface Piece {
  start: number;
  end: number;
}

export class Heap {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
  #free: Piece[] = [{ start: RESERVED, end: Infinity }];

  constructor() {
    writeTables(this.memory);
  }

  /** @throws RuntimeError where so much memory is not to be had. */
  take(bytes: number): number {
    const size = Math.max(16, 16 * Math.ceil(bytes / 16));
    const piece = this.#free.find(({ start, end }) => end - start >= size);
    const start = piece?.start ?? 0;
    this.#reach(start + size);
    if (piece !== undefined) piece.start += size;
    this.#free = this.#free.filter((each) => each.end > each.start);
    return start;
  }

  give(start: number, bytes: number): void {
    const size = Math.max(16, 16 * Math.ceil(bytes / 16));
    this.#free.push({ start, end: start + size });
    this.#free.sort((a, b) => a.start - b.start);
    const joined: Piece[] = [];
    for (const piece of this.#free) {
      const last = joined.at(-1);
      if (last?.end === piece.start) last.end = piece.end;
      else joined.push(piece);
    }
    this.#free = joined;
  }

  #reach(end: number): void {
    const missing = Math.ceil((end + SLACK - this.memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    const asked = `${((end + SLACK) / 2 ** 20).toFixed(0)} MiB`;
    if (end + SLACK > MOST_PAGES * PAGE) {
      throw new RuntimeError(`it takes ${asked} of memory; WebAssembly has at most 4,096`);
    }
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new RuntimeError(`it takes ${asked} of memory, which are not to be had`, { cause });
    }
  }
}
