/**
 * A stage's own process: its peak of memory is the stage's, and all of it is given back at the end.
 *
 * Ctrl-C reaches every process of a terminal's group; this one leaves it to the process that started it, which says when to stop.
 */
import { AmortisError } from "amortis";
import { writeStage } from "./files.js";
import type { FromStage, ToStage } from "./messages.js";
import { settingsOf } from "./settings.js";
import { STAGES } from "./stages/index.js";

const PROGRESS_MILLISECONDS = 100;

const controller = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => undefined);
process.on("disconnect", () => {
  // Nobody is left to hear of a result.
  process.exit(1);
});
process.on("message", (message: ToStage) => {
  if (message.type === "stop") controller.abort();
  else void begin(message);
});

function send(message: FromStage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });
}

async function begin(order: Extract<ToStage, { type: "begin" }>): Promise<void> {
  const started = performance.now();
  try {
    const stage = STAGES.find(({ name }) => name === order.stage);
    if (stage === undefined) throw new TypeError(`there is no stage "${order.stage}"`);
    const settings = settingsOf(order.scale);
    const { directory, seed } = order;
    let shown = -Infinity;
    const value = await stage.run({
      settings,
      seed,
      directory,
      signal: controller.signal,
      report: (fraction, detail) => {
        if (performance.now() - shown < PROGRESS_MILLISECONDS) return;
        shown = performance.now();
        void send({ type: "progress", fraction, ...(detail && { detail }) });
      },
    });
    controller.signal.throwIfAborted();
    const seconds = (performance.now() - started) / 1000;
    await writeStage(directory, stage, settings, { seconds, value });
    await send({ type: "done", seconds });
  } catch (error) {
    await send({
      type: "failed",
      message: error instanceof Error ? error.message : String(error),
      code: error instanceof AmortisError ? error.code : "stage",
      stack: error instanceof Error ? (error.stack ?? "") : "",
    });
  }
  process.disconnect();
  process.exit(0);
}
