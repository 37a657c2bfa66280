/**
 * The whole comparison: stage after stage, then the document, the figures and the report.
 */
import { availableParallelism, cpus, totalmem } from "node:os";
import { VERSION } from "amortis";
import { assemble } from "./assemble.js";
import { openDirectory, paths, readStage, writeJson } from "./files.js";
import { writeReport } from "./report/index.js";
import { requireDrawing } from "./report/png.js";
import type { ReviewResults } from "./results.js";
import { runStage } from "./run-stage.js";
import { settingsOf, type Scale } from "./settings.js";
import type { StageDetail } from "./stage.js";
import { STAGES } from "./stages/index.js";

/** Where the comparison stands. */
export interface ReviewProgress {
  /** Number of the stage, from 1. */
  readonly stage: number;
  readonly stages: number;
  readonly title: string;
  readonly detail?: StageDetail;
  /** Of all stages, by the plan and the pace so far. */
  readonly secondsLeft: number;
}

/** What `reproduceReview` takes. */
export interface ReproduceOptions {
  readonly directory: string;
  readonly scale?: Scale;
  readonly seed?: number;
  /** Stops it: what is done is kept, and the same call goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReviewProgress) => void;
  /** Hears of each stage that is complete. */
  readonly onStage?: (title: string, seconds: number, reused: boolean) => void;
}

/**
 * Runs the review's comparison, or goes on with one that was stopped.
 *
 * @returns all that was found, which is in results.json too.
 * @throws ReviewError where the directory cannot be used, or the machine cannot draw figures; StageError where a stage failed; the signal's reason where it was stopped.
 * @example
 * const results = await reproduceReview({ directory: "review", scale: "quick" });
 */
export async function reproduceReview(options: ReproduceOptions): Promise<ReviewResults> {
  const { directory, scale = "quick", seed = 1, onProgress, onStage } = options;
  const signal = options.signal ?? new AbortController().signal;
  const settings = settingsOf(scale);
  await openDirectory(directory, scale, seed);
  // All that is there, and all that is needed in the end, is checked before hours are spent on what is not.
  await requireDrawing();
  const found = await Promise.all(STAGES.map((stage) => readStage(directory, stage, settings)));
  const clock = new Clock(STAGES.map((stage) => stage.seconds(settings)));
  let seconds = 0;
  for (const [i, stage] of STAGES.entries()) {
    const kept = found[i];
    if (kept !== undefined) {
      clock.skip(i);
      seconds += kept.seconds;
      onStage?.(stage.title, kept.seconds, true);
      continue;
    }
    const show = (fraction: number, detail?: StageDetail): void => {
      onProgress?.({
        stage: i + 1,
        stages: STAGES.length,
        title: stage.title,
        ...(detail && { detail }),
        secondsLeft: clock.left(i, fraction),
      });
    };
    show(0);
    clock.begin();
    const taken = await runStage(stage, { scale, seed, directory, signal, onProgress: show });
    clock.finish(i);
    seconds += taken;
    onStage?.(stage.title, taken, false);
  }
  const results = await assemble(directory, settings, {
    seed,
    seconds,
    createdAt: new Date().toISOString(),
    version: VERSION,
    machine: describeMachine(),
  });
  await writeJson(paths.results(directory), results);
  await writeReport(results, directory);
  return results;
}

/** Time left: what the plan says of the stages to come, times how much slower than planned those before were. */
class Clock {
  readonly #planned: readonly number[];
  readonly #done = new Set<number>();
  #plannedDone = 0;
  #takenDone = 0;
  #started = performance.now();

  constructor(planned: readonly number[]) {
    this.#planned = planned;
  }

  skip(stage: number): void {
    this.#done.add(stage);
  }

  begin(): void {
    this.#started = performance.now();
  }

  finish(stage: number): void {
    this.#done.add(stage);
    this.#plannedDone += this.#planned[stage] ?? 0;
    this.#takenDone += (performance.now() - this.#started) / 1000;
  }

  left(stage: number, fraction: number): number {
    const elapsed = (performance.now() - this.#started) / 1000;
    const planned = this.#planned[stage] ?? 0;
    const pace =
      (this.#takenDone + elapsed) / Math.max(this.#plannedDone + fraction * planned, 1e-3);
    // Before much is done the plan knows better.
    const known = Math.min(1, (this.#plannedDone + fraction * planned) / 20);
    const factor = known * pace + (1 - known);
    const later = this.#planned.reduce(
      (total, seconds, i) => (i > stage && !this.#done.has(i) ? total + seconds : total),
      0,
    );
    return factor * (later + (1 - fraction) * planned);
  }
}

function describeMachine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? "unknown processor"}, ${availableParallelism()} threads, ${memory} GiB, Node ${process.version}, ${process.platform} ${process.arch}`;
}
