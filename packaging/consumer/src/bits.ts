/** Trains on the engine's own runtime and prints draws: a page that simulates in workers has the same. */
import { wasmRuntime } from "@amortis/graph/wasm";
import { npe, train } from "amortis";
import { coin } from "./coin.js";

// No types of a host are installed: what this program needs of it, it says.
declare const console: { readonly log: (text: string) => void };

const trained = await train(npe(coin), {
  simulations: 200,
  epochs: 1,
  seed: 1,
  runtime: wasmRuntime(),
  onProgress: () => {},
});
const posterior = await trained.given({ heads: [20] });
const { data } = await posterior.sample(100, 1);
console.log(JSON.stringify({ draws: Array.from(data) }));
await trained.release();
