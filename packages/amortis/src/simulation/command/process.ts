/**
 * A program that runs: its pipes, the end of what it wrote to standard error, and its end.
 */
import { fs, importChildProcess } from "#platform";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { SimulationError } from "../simulated-data.js";
import type { CommandOptions } from "./command.js";

/** Characters of standard error that are kept. */
const KEPT = 2_000;

/** Programs that run: they end with this process. */
const running = new Set<ProgramProcess>();
let listening = false;

/** Hears of a program. */
export interface ProgramListener {
  /** It wrote to standard output. */
  data(bytes: Uint8Array): void;
  /** It ended, in words. */
  end(reason: string): void;
}

/** A program, started. Its process group is its own, so that what it started ends with it. */
export class ProgramProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  #errors = "";
  #ended: string | undefined;
  #listener: ProgramListener | undefined;
  /** Whether it answered yet. */
  hasAnswered = false;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on("data", (bytes: Uint8Array) => {
      // Whatever comes when nothing was asked, no answer can be told from any more.
      if (this.#listener === undefined) this.kill();
      else this.#listener.data(bytes);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT);
    });
    // It may end while it is written to; how it ended is what counts.
    child.stdin.on("error", () => {});
    child.on("close", (code, signal) => {
      running.delete(this);
      this.#end(
        signal === null
          ? `the program ended with status ${code}`
          : `the program was ended by ${signal}`,
      );
    });
    running.add(this);
    if (!listening) process.on("exit", killAll);
    listening = true;
  }

  /** @throws SimulationError where the program cannot be started. */
  static async start(
    program: string | readonly string[],
    { cwd, env }: Pick<CommandOptions, "cwd" | "env">,
  ): Promise<ProgramProcess> {
    const { spawn } = await importChildProcess();
    const isLine = typeof program === "string";
    const [name = "", ...args] = isLine ? [program] : program;
    const child = spawn(name, args, {
      shell: isLine,
      detached: process.platform !== "win32",
      stdio: "pipe",
      env: { ...process.env, ...env },
      ...(cwd !== undefined && { cwd }),
    });
    const started = new ProgramProcess(child);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => {
        running.delete(started);
        const where = cwd === undefined ? "" : ` in ${cwd}`;
        reject(new SimulationError(`cannot start ${name}${where}: ${cause.message}`, { cause }));
      });
    });
    await leaveFirst(child.pid);
    started.unref();
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How it ended; undefined while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Status it ended with. */
  get status(): number | null {
    return this.#child.exitCode;
  }

  /** What it wrote to standard error since this was asked last, but for what is long past. */
  takeErrors(): string {
    const text = this.#errors.trim();
    this.#errors = "";
    return text;
  }

  /** Sends it bytes, and has a listener hear of it until `rest`. */
  ask(bytes: Uint8Array, listener: ProgramListener): void {
    this.#listener = listener;
    this.#ref(true);
    if (this.#ended === undefined) this.#child.stdin.write(bytes);
    else listener.end(this.#ended);
  }

  /** Nobody waits for it. */
  rest(): void {
    this.#listener = undefined;
    this.#ref(false);
  }

  /** Ends it and what it started, at once. */
  kill(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      if (process.platform === "win32") this.#child.kill("SIGKILL");
      else process.kill(-this.pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }

  /** Ends its input, upon which it should end; kills it where it does not within a second. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const closed = new Promise<void>((resolve) => {
      this.#child.once("close", () => {
        resolve();
      });
    });
    this.#ref(true);
    this.#child.stdin.end();
    const timer = setTimeout(() => {
      this.kill();
    }, 1_000);
    await closed;
    clearTimeout(timer);
    // What it started may have outlived it.
    try {
      if (process.platform !== "win32") process.kill(-this.pid, "SIGKILL");
    } catch {
      // There is nothing left of it.
    }
  }

  unref(): void {
    this.#ref(false);
  }

  /** Whether this process stays while it runs: only where somebody waits for it. */
  #ref(on: boolean): void {
    for (const one of [this.#child, ...this.#child.stdio]) {
      const call: unknown = one && Reflect.get(one, on ? "ref" : "unref");
      if (typeof call === "function") Reflect.apply(call, one, []);
    }
  }

  #end(reason: string): void {
    this.#ended = reason;
    this.#listener?.end(reason);
  }
}

function killAll(): void {
  for (const one of running) one.kill();
}

/** Where memory is short, the system should end the program rather than this process. */
async function leaveFirst(pid: number | undefined): Promise<void> {
  if (process.platform !== "linux" || pid === undefined) return;
  await fs.writeFile(`/proc/${pid}/oom_score_adj`, "1000").catch(() => {});
}
