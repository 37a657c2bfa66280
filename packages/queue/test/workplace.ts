/**
 * What tests of a queue work in: a folder, a real server where one is installed, and workers that are processes of their own.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RedisServer, SERVER } from "./redis.js";

/** The command. */
export const BIN = fileURLToPath(new URL("../../amortis/bin/amortis.js", import.meta.url));

/** The module of the models that are asked for. */
export const MODELS = fileURLToPath(new URL("fixtures/models.ts", import.meta.url));

/** A workplace. */
export class Workplace {
  readonly root: string;
  /** Undefined where none is installed. */
  readonly server: RedisServer | undefined;
  readonly #lock: number;
  readonly #workers = new Set<ChildProcess>();

  private constructor(root: string, server: RedisServer | undefined, lock: number) {
    this.root = root;
    this.server = server;
    this.#lock = lock;
  }

  /**
   * @param name of the folder.
   * @param lock seconds after which a worker that is silent has lost its job.
   */
  static async open(name: string, lock: number): Promise<Workplace> {
    const root = await mkdtemp(join(tmpdir(), `amortis-${name}-`));
    const server = SERVER === undefined ? undefined : await RedisServer.start(root);
    return new Workplace(root, server, lock);
  }

  get url(): string {
    return this.server?.url ?? "";
  }

  /** Starts a worker, and waits until it says that it waits. */
  async startWorker(): Promise<ChildProcess> {
    const lock = ["--lock", String(this.#lock)];
    const args = [BIN, "worker", "--queue", this.url, "--workers", "1", ...lock];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#workers.add(child);
    await once(child.stderr, "data");
    child.stderr.resume();
    return child;
  }

  /** Kills a worker, which then says nothing more. */
  async kill(child: ChildProcess): Promise<void> {
    this.#workers.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#workers].map((child) => this.kill(child)));
  }

  async close(): Promise<void> {
    await this.server?.kill();
    await rm(this.root, { recursive: true });
  }
}
