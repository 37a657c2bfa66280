/**
 * Where the files of a data set are: a folder of this machine's, or one that a store keeps under a URL.
 *
 * Six things are asked of it, and no more, so that a store of objects (S3 and what speaks its protocol) is one as well as a disk. A file is there whole or not at all;
 * what was written is read by whoever reads next.
 */
import { fs, path as paths } from "#platform";
import { FileError } from "../files/container.js";
import { reason, readBytes, writeBytes } from "../files/bytes.js";

/** Files by their paths, such as "data/z/c/0". */
export interface Folder {
  /** What it is called where something is said of it: a path, or a URL. */
  readonly name: string;
  /** A file whole; undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Writes a file whole or not at all, in place of one that is there. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Writes a file that is not there; of several that do at once, one. Whether it did. */
  create(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Names of the files and folders right below a path; none where there is nothing. */
  list(path?: string): Promise<readonly string[]>;
  /** Removes a file, if it is there. */
  remove(path: string): Promise<void>;
  /** Makes the folder itself, where folders are made; whether there was none. */
  make?(): Promise<boolean>;
  /** Removes the folder itself, if it is empty. */
  unmake?(): Promise<void>;
  /** Removes what writers that were killed have left. */
  tidy?(): Promise<void>;
}

/** A folder as people name it: a path of this machine's, or one that a store has opened. */
export type FolderAddress = string | Folder;

/** A folder of this machine's, or the one that is given. */
export function folderOf(address: FolderAddress): Folder {
  return typeof address === "string" ? new LocalFolder(address) : address;
}

/** Whether this is a folder of a store, rather than an address. */
export function isFolder(value: object | string): value is Folder {
  return typeof value === "object" && "read" in value && "create" in value;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** What file systems say that have no hard links. */
const WITHOUT_LINKS: ReadonlySet<string | undefined> = new Set([
  "EPERM",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EMLINK",
]);

class LocalFolder implements Folder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  #at(path: string): string {
    return path === "" ? this.name : `${this.name}/${path}`;
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    try {
      return await readBytes(this.#at(path));
    } catch (error) {
      const code = codeOf(error instanceof Error ? error.cause : undefined);
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      throw error;
    }
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return writeBytes(this.#at(path), bytes);
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    const place = this.#at(path);
    const temporary = `${place}.${crypto.randomUUID()}.tmp`;
    try {
      await fs.mkdir(paths.dirname(place), { recursive: true });
      await fs.writeFile(temporary, bytes);
      // A second name for what is whole: an error where the name is taken, as renaming would not give.
      await fs.link(temporary, place).catch(async (error: unknown) => {
        if (!WITHOUT_LINKS.has(codeOf(error))) throw error;
        await fs.writeFile(place, bytes, { flag: "wx" });
      });
      return true;
    } catch (cause) {
      if (codeOf(cause) === "EEXIST") return false;
      throw new FileError(`cannot write ${place}: ${reason(cause)}`, { cause });
    } finally {
      await fs.rm(temporary, { force: true }).catch(() => {});
    }
  }

  async list(path = ""): Promise<readonly string[]> {
    try {
      return await fs.readdir(this.#at(path));
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return [];
      throw new FileError(`cannot read ${this.#at(path)}: it is no directory`, { cause });
    }
  }

  async remove(path: string): Promise<void> {
    await fs.rm(this.#at(path), { force: true });
  }

  async make(): Promise<boolean> {
    return (await fs.mkdir(this.name, { recursive: true })) !== undefined;
  }

  async unmake(): Promise<void> {
    await fs.rmdir(this.name).catch(() => {});
  }

  async tidy(): Promise<void> {
    for (const name of await fs.readdir(this.name, { recursive: true })) {
      if (name.endsWith(".tmp")) await this.remove(name);
    }
  }
}
