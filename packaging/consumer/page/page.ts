/** Answers in the page and in a worker, trains a little, draws a figure, and leaves what came of it in the page's element #result. */
import { defineModel, npe, train, uniform } from "amortis";
import { answer } from "./answer.js";

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

/** What a page trains itself: the mean of a coin's p after 20 heads of 20, and a figure of its posterior. */
async function trainHere(): Promise<{ readonly mean: number; readonly figure: boolean }> {
  const coin = defineModel({
    name: "coin",
    parameters: { p: uniform(0, 1) },
    data: { heads: [1] },
    simulate: ({ p }, random) => ({
      heads: [Array.from({ length: 20 }).filter(() => random.uniform() < p).length],
    }),
  });
  const trained = await train(npe(coin), { simulations: 200, epochs: 1, seed: 1 });
  const posterior = await trained.given({ heads: [20] });
  const { pairsFigure } = await import("amortis/figures");
  document.body.insertAdjacentHTML("beforeend", pairsFigure(await posterior.sample(100)));
  return { mean: posterior.mean().p, figure: document.querySelector("svg path") !== null };
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
