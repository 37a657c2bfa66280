/** Answers in the page and in a worker, trains a little with workers that simulate, draws a figure, and leaves what came of it in the page's element #result. */
import { inWorkers, npe, train } from "amortis";
import { coin } from "../src/coin.js";
import { answer } from "./answer.js";

interface Trained {
  readonly mean: number;
  readonly draws: readonly number[];
  readonly figure: boolean;
}

const file = new URL("line.amortis", location.href);

function answerInWorker(): Promise<unknown> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => {
      resolve(data);
    });
    worker.addEventListener("error", ({ message }) => {
      reject(new Error(`the worker: ${message}`));
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
    worker.postMessage(file.href);
  });
}

/** What a page trains itself, with two workers that simulate: the mean of a coin's p after 20 heads of 20, draws, and a figure of its posterior. */
async function trainHere(): Promise<Trained> {
  const model = inWorkers(
    coin,
    () => new Worker(new URL("./coin.worker.ts", import.meta.url), { type: "module" }),
  );
  const trained = await train(npe(model), { simulations: 200, epochs: 1, seed: 1, workers: 2 });
  const posterior = await trained.given({ heads: [20] });
  const { pairsFigure } = await import("amortis/figures");
  const samples = await posterior.sample(100, 1);
  document.body.insertAdjacentHTML("beforeend", pairsFigure(samples));
  return {
    mean: posterior.mean().p,
    draws: Array.from(samples.data),
    figure: document.querySelector("svg path") !== null,
  };
}

async function everything(): Promise<object> {
  const page = await answer(file);
  return { page, worker: await answerInWorker(), trained: await trainHere() };
}

const result = document.createElement("pre");
result.id = "result";
everything().then(
  (done) => {
    result.textContent = JSON.stringify(done);
    document.body.append(result);
  },
  (error: unknown) => {
    result.textContent = JSON.stringify({
      error: error instanceof Error ? error.stack : String(error),
    });
    document.body.append(result);
  },
);
