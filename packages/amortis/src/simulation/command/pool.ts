/**
 * Programs that simulate, side by side; and whose fault it is where one fails.
 *
 * A process that exits, hangs or writes junk may have been asked for many simulations. Only one that fails alone, in a process that was started for it, is
 * invalid; all others are asked again. So what is valid does not depend on which simulations were asked together.
 */
import { totalMemory } from "#platform";
import type { ExternalOutcome, ExternalPool, ExternalRequest } from "../../model/external.js";
import type { AnyModel } from "../../model/index.js";
import { SimulationError } from "../simulated-data.js";
import { attempt, type Attempt, type Limits } from "./attempt.js";
import type { CommandOptions } from "./command.js";
import { jsonLines } from "./json-lines.js";
import { npyBatches } from "./npy-batches.js";
import { ProgramProcess } from "./process.js";
import type { Protocol } from "./protocol.js";

/** Simulations to blame for failures, one after another from the first on, that make a program one that does not work at all. */
const HOPELESS = 10;

/** What the shell says of a program that it does not find, or may not run. */
const NOT_FOUND: ReadonlySet<number | null> = new Set([126, 127]);

/** A place for a process, and what runs there. */
interface Lane {
  child: ProgramProcess | undefined;
}

type Settled = Pick<CommandOptions, "cwd" | "env" | "memoryLimit"> &
  Pick<Required<CommandOptions>, "format" | "timeLimit" | "startLimit">;

/** Processes of one program. */
export class CommandPool implements ExternalPool {
  readonly #program: string | readonly string[];
  readonly #options: Settled;
  readonly #protocol: Protocol;
  readonly #limits: Limits;
  readonly #free: Lane[];
  readonly #lanes: readonly Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  #works = false;
  #blamed = 0;
  #closed = false;

  private constructor(
    program: string | readonly string[],
    options: Settled,
    model: AnyModel,
    processes: number,
  ) {
    this.#program = program;
    this.#options = options;
    this.#protocol = options.format === "npy" ? npyBatches(model) : jsonLines(model);
    this.#limits = { ...options, memoryLimit: options.memoryLimit ?? totalMemory() / 2 };
    this.#lanes = Array.from({ length: processes }, () => ({ child: undefined }));
    this.#free = [...this.#lanes];
  }

  /** @param processes at most; each is started when there is work for it. */
  static open(
    program: string | readonly string[],
    options: Settled,
    model: AnyModel,
    processes: number,
  ): CommandPool {
    return new CommandPool(program, options, model, processes);
  }

  async run(requests: readonly ExternalRequest[]): Promise<readonly ExternalOutcome[]> {
    const lane =
      this.#free.pop() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)));
    try {
      return await this.#settle(lane, requests);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lane);
      else next(lane);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      this.#lanes.map(async ({ child }) => {
        if (!this.#free.some((lane) => lane.child === child)) child?.kill();
        await child?.close();
      }),
    );
  }

  /** What came of requests, asked again until each has an answer or the blame. */
  async #settle(lane: Lane, requests: readonly ExternalRequest[]): Promise<ExternalOutcome[]> {
    const outcomes: (ExternalOutcome | undefined)[] = requests.map(() => undefined);
    // Stretches of requests without an answer, the next one last.
    const stretches = [requests.map((_, i) => i)];
    // Where answers come one by one, the first without one is to blame, unless the program holds answers back.
    let blameFirst = this.#protocol.oneByOne;
    for (let stretch = stretches.pop(); stretch !== undefined; stretch = stretches.pop()) {
      const fresh = lane.child === undefined || lane.child.ended !== undefined;
      const asked = stretch.flatMap((i) => requests[i] ?? []);
      const { fault, ...made } = await this.#ask(lane, asked);
      for (const [k, i] of stretch.entries()) outcomes[i] = made.outcomes[k];
      const rest = stretch.filter((i) => outcomes[i] === undefined);
      const [first] = rest;
      if (fault === undefined || first === undefined) {
        blameFirst &&= stretch.length > 1 || !fresh;
        continue;
      }
      if (stretch.length === 1 && fresh) {
        outcomes[first] = this.#blame(made.errors, fault, made.status);
        continue;
      }
      const cut = blameFirst ? 1 : Math.ceil(rest.length / 2);
      const [head, tail] = [rest.slice(0, cut), rest.slice(cut)];
      if (tail.length > 0) stretches.push(tail);
      stretches.push(head);
    }
    return outcomes.map((outcome) => outcome ?? { reason: "the program gave no answer" });
  }

  async #ask(
    lane: Lane,
    requests: readonly ExternalRequest[],
  ): Promise<Attempt & { readonly errors: string; readonly status: number | null }> {
    if (this.#closed) throw new SimulationError("the programs that simulate were ended");
    let { child } = lane;
    if (child === undefined || child.ended !== undefined) {
      child = await ProgramProcess.start(this.#program, this.#options);
      lane.child = child;
    }
    child.takeErrors();
    const made = await attempt(child, this.#protocol, requests, this.#limits);
    const errors = child.takeErrors();
    const { status } = child;
    if (made.fault !== undefined) lane.child = undefined;
    this.#works ||= made.outcomes.some((one) => one !== undefined);
    // What a program says about one of many simulations is not known to be about any.
    const outcomes = made.outcomes.map((outcome) =>
      outcome !== undefined && "reason" in outcome && errors !== "" && requests.length === 1
        ? { ...outcome, standardError: errors }
        : outcome,
    );
    return { ...made, outcomes, errors, status };
  }

  /** A simulation that failed alone. */
  #blame(errors: string, fault: string, status: number | null): ExternalOutcome {
    const said = errors === "" ? "" : `; it wrote to standard error: ${lastLine(errors)}`;
    this.#blamed++;
    if (!this.#works && (this.#blamed >= HOPELESS || NOT_FOUND.has(status))) {
      throw new SimulationError(
        `the program "${[this.#program].flat().join(" ")}" answered none of the first ${this.#blamed} simulation(s): ${fault}${said}`,
      );
    }
    return { reason: `${fault}${said}`, ...(errors !== "" && { standardError: errors }) };
  }
}

/** The line in which most languages say what went wrong. */
function lastLine(text: string): string {
  return (text.split("\n").at(-1) ?? "").trim().slice(0, 300);
}
