/**
 * As an ES module: trains with a worker thread, saves, loads, answers, and prints what it answered. Every entry is used.
 */
import { load, loadPosterior, npe, train } from "amortis";
import { answersWith } from "amortis/answers";
import { convergence } from "amortis/diagnostics";
import type { Method, StopSignal } from "amortis/extend";
import { pairsFigure } from "amortis/figures";
import { encodeNpy, writeBytes } from "amortis/files";
import { line } from "./line.js";

// No types of a host are installed: what this program needs of it, it says.
declare const console: { readonly log: (text: string) => void };

const never: StopSignal = {
  aborted: false,
  reason: undefined,
  throwIfAborted: () => {},
  addEventListener: () => {},
  removeEventListener: () => {},
};
const method: Method = npe(line);
const trained = await train(npe(line), {
  simulations: 400,
  epochs: 2,
  seed: 1,
  workers: 1,
  signal: never,
  onProgress: () => {},
});
await trained.save("line.amortis");
await trained.release();

const estimator = await loadPosterior("line.amortis", { model: line });
const y = [0.1, 0.2, 0.2, 0.4, 0.4, 0.7, 0.6, 0.9];
const posterior = await estimator.given({ y });
const slope: number = posterior.mean().slope;
// @ts-expect-error -- a parameter's name that is misspelt does not compile
const absent: unknown = posterior.mean().slpoe;

const samples = await posterior.sample(200, 7);
const svg = pairsFigure(samples);
await writeBytes("draws.npy", encodeNpy({ shape: samples.shape, data: samples.data }));
const fitted = await load("line.amortis");
console.log(
  JSON.stringify({
    method: method.name,
    kind: fitted.kind,
    slope,
    absent: absent === undefined,
    draws: Array.from(samples.data.slice(0, 6)),
    figure: svg.startsWith("<svg"),
    words: (await answersWith(fitted)).words,
    diagnostics: typeof convergence,
  }),
);
await fitted.release();
await estimator.release();
