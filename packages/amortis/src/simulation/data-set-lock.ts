/**
 * One writer a directory: a lock file, made exclusively, that says which process writes.
 *
 * A process that was killed leaves its lock. It is known to be stale where no such process runs any more on this machine: none of
 * its number, or (Linux) one that was started at another time. Of another machine that cannot be known, and is asked.
 */
import { fs, hostname } from "#platform";
import * as z from "zod";
import { DataSetError, readText } from "./data-set-layout.js";
import type { Folder } from "./folder.js";

/** A directory that is ours to write. */
export interface DirectoryLock {
  /** Whether the one before was killed. */
  readonly recovered: boolean;
  release(): Promise<void>;
}

const ownerSchema = z.object({
  process: z.int().positive(),
  host: z.string(),
  /** When the process was started, in whatever unit its machine counts. */
  started: z.string().optional(),
});

type Owner = z.infer<typeof ownerSchema>;

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

/** When a process was started: its machine's boot and the clock tick since then; undefined where the system does not tell. */
async function startOf(pid: number): Promise<string | undefined> {
  const { readFile } = fs;
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is a name in parentheses, which may hold spaces; the start is the 22nd.
    const tick = status.slice(status.lastIndexOf(")") + 2).split(" ")[19];
    return tick && `${boot.trim()} ${tick}`;
  } catch {
    return undefined;
  }
}

async function ourselves(): Promise<Owner> {
  const started = await startOf(process.pid);
  return { process: process.pid, host: hostname(), ...(started !== undefined && { started }) };
}

async function isStale({ process: pid, host, started }: Owner): Promise<boolean> {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isCode(error, "ESRCH");
  }
  const now = await startOf(pid);
  return started !== undefined && now !== undefined && started !== now;
}

const LOCK = "lock";
/** The turn of whoever removes a lock. */
const TURN = "lock.removing";

async function readOwner(folder: Folder): Promise<Owner | "unknown" | undefined> {
  const text = await readText(folder, LOCK);
  if (text === undefined) return undefined;
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return "unknown";
  }
}

/** Milliseconds between looks at a lock that says nothing, and how many there are. */
const LOOK = 20;
const LOOKS = 100;

/** The owner; a lock that was made just now may not say yet whose it is. */
async function settledOwner(folder: Folder): Promise<Owner | "unknown" | undefined> {
  for (let look = 1; ; look++) {
    const owner = await readOwner(folder);
    const isNew = owner === "unknown" && (await readText(folder, LOCK)) === "";
    if (!isNew || look === LOOKS) return owner;
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK);
    });
  }
}

function refusal(folder: Folder, owner: Owner | "unknown"): DataSetError {
  const who = owner === "unknown" ? "another process" : `process ${owner.process} on ${owner.host}`;
  return new DataSetError(
    `${who} is writing to ${folder.name}: wait for it, or choose another directory; if it no longer runs, delete ${folder.name}/${LOCK}`,
  );
}

function cannotWrite(path: string, cause: unknown): DataSetError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DataSetError(why.startsWith("cannot write") ? why : `cannot write ${path}: ${why}`, {
    cause,
  });
}

/**
 * Refuses a directory that another process writes to.
 *
 * @throws DataSetError
 */
export async function requireUnlocked(folder: Folder): Promise<void> {
  const owner = await settledOwner(folder);
  if (owner === undefined || (owner !== "unknown" && (await isStale(owner)))) return;
  throw refusal(folder, owner);
}

/**
 * Makes a directory where there is none, and takes it for this call alone.
 *
 * @throws DataSetError where another call has it, in this process or another.
 */
export async function lockDirectory(folder: Folder): Promise<DirectoryLock> {
  const made = await folder.make?.().catch((cause: unknown) => {
    throw cannotWrite(folder.name, cause);
  });
  const release = async (): Promise<void> => {
    await folder.remove(LOCK);
    // Where nothing came of it, there is no trace; what is not empty stays.
    if (made === true) await folder.unmake?.();
  };
  const text = JSON.stringify(await ourselves());
  if (await createFile(folder, LOCK, text)) return { recovered: false, release };
  // Whoever writes is named; only a lock that may be stale needs a turn to be removed.
  await requireUnlocked(folder);
  await removeStale(folder);
  if (await createFile(folder, LOCK, text)) return { recovered: true, release };
  throw refusal(folder, (await settledOwner(folder)) ?? "unknown");
}

/** Whether a file could be made that was not there. */
async function createFile(folder: Folder, path: string, text: string): Promise<boolean> {
  try {
    return await folder.create(path, new TextEncoder().encode(text));
  } catch (error) {
    throw cannotWrite(`${folder.name}/${path}`, error);
  }
}

/**
 * Removes the lock of a process that is dead.
 *
 * One at a time, by a lock of its own: a second one that found the same stale lock must not remove what the first has put in its place.
 */
async function removeStale(folder: Folder): Promise<void> {
  if (!(await createFile(folder, TURN, ""))) {
    throw new DataSetError(
      `another process is about to write to ${folder.name}: wait for it, or choose another directory; if none runs, delete ${folder.name}/${TURN}`,
    );
  }
  try {
    // It may have been released meanwhile: only what was seen to be stale is removed.
    if ((await readOwner(folder)) === undefined) return;
    await requireUnlocked(folder);
    await folder.remove(LOCK);
  } finally {
    await folder.remove(TURN);
  }
}
