/**
 * One training in a process of its own: prints its steps a second and the largest memory it had.
 */
import { gaussian, mlpSummary, npe, openDataSet, train } from "amortis";
import { line } from "./model.js";

const [folder = "", how = "stream", epochs = "1"] = process.argv.slice(2);
const stored = await openDataSet(folder);
const data = how === "memory" ? await stored.read() : stored;
const network = { summary: mlpSummary({ hidden: [128, 128] }), density: gaussian() };
const log: { readonly step: number; readonly seconds: number }[] = [];
await train(npe(line, network), {
  data,
  seed: 1,
  batch: 256,
  epochs: Number(epochs),
  progress: false,
  onWarning: () => {},
  onEpoch: ({ step, seconds }) => log.push({ step, seconds }),
});
const seconds = log.reduce((sum, epoch) => sum + epoch.seconds, 0);
const peak = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ stepsPerSecond: (log.at(-1)?.step ?? 0) / seconds, peakMiB: peak }));
