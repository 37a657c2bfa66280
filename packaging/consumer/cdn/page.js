/** What `page/page.ts` does, without a bundler: the library is one file of another server. */
import { inWorkers, loadPosterior, npe, train } from "CDN/amortis.js";
import { coin } from "./coin.js";

const Y = [0.1, 0.2, 0.2, 0.4, 0.4, 0.7, 0.6, 0.9];

async function answer() {
  const estimator = await loadPosterior(new URL("line.amortis", location.href));
  const { data } = await (await estimator.given({ y: Y })).sample(200, 7);
  return Array.from(data.slice(0, 6));
}

async function trainHere() {
  const start = () => new Worker("coin.worker.js", { type: "module" });
  const options = { simulations: 200, epochs: 1, seed: 1, workers: 2 };
  const trained = await train(npe(inWorkers(coin, start)), options);
  const { data } = await (await trained.given({ heads: [20] })).sample(100, 1);
  return { draws: Array.from(data) };
}

const result = document.createElement("pre");
result.id = "result";
try {
  result.textContent = JSON.stringify({ page: await answer(), trained: await trainHere() });
} catch (error) {
  result.textContent = JSON.stringify({ error: String(error) });
}
document.body.append(result);
