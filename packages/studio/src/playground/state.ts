/**
 * The playground's state: code, its faults, a training and its epochs.
 */
import { batch, computed, signal } from "@preact/signals";
import { connect, hear, type Remote } from "../protocol/rpc.js";
import { openBytes } from "../state/actions.js";
import { guarded, setError } from "../state/store.js";
import { EXAMPLE } from "./example.js";
import type { Checked, CheckerCalls, EpochNews, TrainerCalls, TrainingNews } from "./types.js";

export const code = signal(EXAMPLE);
export const checked = signal<Checked | undefined>(undefined);
export const simulations = signal(4_000);
export const epochs = signal(20);
export const training = signal(false);
/** In words, while it trains. */
export const progress = signal("");
export const history = signal<readonly EpochNews[]>([]);
/** The epoch that is looked at, from 0; the newest where it is undefined. */
export const scrubbed = signal<number | undefined>(undefined);
export const file = signal<{ readonly bytes: Uint8Array; readonly name: string } | undefined>(
  undefined,
);

export const epochShown = computed(() => history.value[scrubbed.value ?? history.value.length - 1]);

/** Whether it may be trained. */
export const faultless = computed(
  () => checked.value !== undefined && !checked.value.faults.some(({ severe }) => severe),
);

let checking: Promise<Remote<CheckerCalls>> | undefined;
let trainer: Worker | undefined;

/** The checker of types, which takes a while to load. */
export async function checker(): Promise<Remote<CheckerCalls>> {
  checking ??= startChecker();
  return checking;
}

async function startChecker(): Promise<Remote<CheckerCalls>> {
  const worker = new Worker(new URL("./checker.ts", import.meta.url), { type: "module" });
  const response = await fetch(new URL("types.json", document.baseURI));
  const files: Readonly<Record<string, string>> = await response.json();
  const remote = connect<CheckerCalls>(worker);
  await remote.start({ files, library: new URL("amortis.js", document.baseURI).href });
  return remote;
}

/** Looks at the code as it is. */
export async function check(): Promise<void> {
  await guarded("playground", async () => {
    const { value: text } = code;
    const found = await (await checker()).check(text);
    if (code.value === text) checked.value = found;
  });
}

/** Trains on the code as it is, and opens what comes of it. */
export async function trainNow(): Promise<void> {
  await guarded("playground", async () => {
    await check();
    const { value: now } = checked;
    if (now === undefined || !faultless.value) {
      throw new Error("the code has faults: mend those that are underlined, then train");
    }
    batch(() => {
      training.value = true;
      history.value = [];
      scrubbed.value = undefined;
      file.value = undefined;
      progress.value = "starting";
    });
    trainer = new Worker(new URL("./trainer.ts", import.meta.url), { type: "module" });
    hear(trainer, listen);
    try {
      const bytes = await connect<TrainerCalls>(trainer).train({
        javascript: now.javascript,
        simulations: simulations.value,
        epochs: epochs.value,
        seed: 1,
      });
      const name = `${/name:\s*"([^"]+)"/u.exec(code.value)?.[1] ?? "model"}.amortis`;
      file.value = { bytes, name };
      await openBytes(bytes, name, { code: now.javascript });
    } finally {
      trainer.terminate();
      training.value = false;
      progress.value = "";
    }
  });
}

/** Ends the training after what it is at, with the best weights so far. */
export function stop(): void {
  setError("playground", undefined);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
  trainer?.postMessage({ stop: true });
}

function listen(news: TrainingNews): void {
  if (news.kind === "epoch") {
    history.value = [...history.value, news];
    return;
  }
  const { phase, epoch, epochs: total } = news.report;
  progress.value = phase === "training" ? `epoch ${epoch + 1} of ${total}` : phase;
}
