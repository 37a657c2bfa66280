/** As CommonJS: `require` of an ES module, which Node has from 20.19 on. */
import amortis = require("amortis");

declare const console: { readonly log: (text: string) => void };

const coin = amortis.defineModel({
  name: "coin",
  parameters: { p: amortis.uniform(0, 1) },
  data: { heads: [1] },
  simulate: ({ p }, random) => ({
    heads: [Array.from({ length: 20 }).filter(() => random.uniform() < p).length],
  }),
});

async function main(): Promise<void> {
  const trained = await amortis.train(amortis.npe(coin), {
    simulations: 200,
    epochs: 1,
    seed: 1,
    workers: 0,
    onProgress: () => {},
  });
  const posterior = await trained.given({ heads: [20] });
  const mean: number = posterior.mean().p;
  console.log(JSON.stringify({ version: amortis.VERSION, mean }));
  await trained.release();
}

void main();
