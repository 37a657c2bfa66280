/**
 * Some simulations, asked of one process at once.
 */
import type { ExternalOutcome, ExternalRequest } from "../../model/external.js";
import { watchMemory } from "./memory-watch.js";
import type { ProgramProcess } from "./process.js";
import { JunkError, type Protocol } from "./protocol.js";

/** What a process may take. */
export interface Limits {
  /** Seconds for a simulation. */
  readonly timeLimit: number;
  /** Seconds more, before a process has answered. */
  readonly startLimit: number;
  /** Bytes. */
  readonly memoryLimit: number;
}

/** What came of an attempt. */
export interface Attempt {
  /** Of each request; undefined where it was not answered. */
  readonly outcomes: readonly (ExternalOutcome | undefined)[];
  /** Why those without an answer have none, in words. */
  readonly fault?: string;
}

/** Asks; a process with a fault is killed. */
export async function attempt(
  child: ProgramProcess,
  protocol: Protocol,
  requests: readonly ExternalRequest[],
  limits: Limits,
): Promise<Attempt> {
  const outcomes: (ExternalOutcome | undefined)[] = requests.map(() => undefined);
  let left = requests.length;
  let stop = (): void => {};
  const fault = await new Promise<string | undefined>((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limitTime = (): void => {
      clearTimeout(timer);
      // Those asked together have it together, where they are answered together: where that is too little, fewer are asked at once.
      const seconds = limits.timeLimit + (child.hasAnswered ? 0 : limits.startLimit);
      timer = setTimeout(() => {
        resolve(`no answer within ${limits.timeLimit} s`);
      }, 1_000 * seconds);
    };
    const unwatch = watchMemory(child.pid, limits.memoryLimit, (bytes) => {
      resolve(
        `the program took ${megabytes(bytes)} of memory, more than ${megabytes(limits.memoryLimit)}`,
      );
    });
    stop = () => {
      clearTimeout(timer);
      unwatch();
    };
    const reader = protocol.read(requests, (i, outcome) => {
      outcomes[i] = outcome;
      left--;
      child.hasAnswered = true;
    });
    limitTime();
    child.ask(protocol.encode(requests), {
      data: (bytes) => {
        const before = left;
        try {
          reader.take(bytes);
        } catch (error) {
          if (!(error instanceof JunkError)) throw error;
          resolve(error.message);
          return;
        }
        if (left === 0) resolve(undefined);
        else if (left < before) limitTime();
      },
      end: resolve,
    });
  });
  stop();
  child.rest();
  if (fault === undefined) return { outcomes };
  child.kill();
  // Its last words may be on their way.
  await child.close();
  return { outcomes, fault };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
