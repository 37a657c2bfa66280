/**
 * Runs a stage in a process of its own.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { StageError } from "./errors.js";
import type { FromStage, ToStage } from "./messages.js";
import type { Scale } from "./settings.js";
import type { Stage, StageDetail } from "./stage.js";

/** Seconds that a stage has for an orderly end. */
const PATIENCE_SECONDS = 20;

/** What a stage is started with. */
export interface StageOrder {
  readonly scale: Scale;
  readonly seed: number;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number, detail?: StageDetail) => void;
}

/**
 * Runs a stage to its end, which leaves a result in the directory.
 *
 * @returns seconds it took.
 * @throws the signal's reason where it was stopped; StageError where it failed.
 */
export async function runStage(stage: Stage, order: StageOrder): Promise<number> {
  const { scale, seed, directory, signal, onProgress } = order;
  signal.throwIfAborted();
  const child = fork(fileURLToPath(new URL("stage-process.js", import.meta.url)), [], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
  const begin: ToStage = { type: "begin", stage: stage.name, scale, seed, directory };
  let killing: NodeJS.Timeout | undefined;
  const stop = (): void => {
    tell(child, { type: "stop" });
    killing = setTimeout(() => child.kill("SIGKILL"), PATIENCE_SECONDS * 1000);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    tell(child, begin);
    return await outcome(child, stage, signal, onProgress);
  } finally {
    signal.removeEventListener("abort", stop);
    clearTimeout(killing);
  }
}

function tell(child: ChildProcess, message: ToStage): void {
  // A child that has just ended is no failure of its own: its end is heard of.
  if (child.connected) child.send(message, () => undefined);
}

function outcome(
  child: ChildProcess,
  stage: Stage,
  signal: AbortSignal,
  onProgress: StageOrder["onProgress"],
): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    let last: Exclude<FromStage, { type: "progress" }> | undefined;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2_000);
    });
    child.on("message", (message: FromStage) => {
      if (message.type === "progress") onProgress(message.fraction, message.detail);
      else last = message;
    });
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      if (last?.type === "done") {
        resolve(last.seconds);
        return;
      }
      if (signal.aborted) {
        reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
        return;
      }
      if (last !== undefined) {
        const error = new StageError(`${stage.title}: ${last.message}`, last.code);
        error.stack = last.stack;
        reject(error);
        return;
      }
      const end = killedBy === null ? `status ${code}` : killedBy;
      const words = said.trim();
      reject(
        new StageError(
          `${stage.title}: its process ended with ${end}${words === "" ? " (is there enough memory?)" : `: ${words}`}`,
        ),
      );
    });
  });
}
