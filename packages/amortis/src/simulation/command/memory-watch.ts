/**
 * How much memory a program takes, with what it started. Linux tells in /proc; elsewhere it is not known.
 */
import { fs } from "#platform";

/** Milliseconds between looks. */
const INTERVAL = 100;
const PAGE = 4096;

/** Resident bytes of a process and its children, and theirs. */
export async function residentBytes(pid: number): Promise<number> {
  const own = await read(`/proc/${pid}/statm`);
  const children = (await read(`/proc/${pid}/task/${pid}/children`)).trim();
  let bytes = PAGE * Number(own.split(" ")[1] ?? 0);
  for (const child of children === "" ? [] : children.split(" ")) {
    bytes += await residentBytes(Number(child));
  }
  return bytes;
}

async function read(path: string): Promise<string> {
  return fs.readFile(path, "utf8").catch(() => "");
}

/**
 * Looks at a program's memory until told to stop.
 *
 * @param onExceeded is told how much it takes, once it is more than the limit.
 * @returns what stops it.
 */
export function watchMemory(
  pid: number,
  limit: number,
  onExceeded: (bytes: number) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const bytes = await residentBytes(pid);
    if (stopped) return;
    if (bytes > limit) onExceeded(bytes);
    else next();
  };
  const next = (): void => {
    timer = setTimeout(() => void look(), INTERVAL);
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
