/**
 * Times one training program in this process, and prints one JSON line. Run by bench.ts, each measurement in a process of its own, so that
 * peak memory is that program's.
 */
import { nodeRuntime } from "@amortis/graph/node";
import { peakMegabytes } from "../peak-memory.js";
import { timeTraining } from "./time-training.js";

const [key = "", threads = "1", blocks = "7"] = process.argv.slice(2);
const times = await timeTraining(key, nodeRuntime(), {
  threads: Number(threads),
  blocks: Number(blocks),
  seconds: 0.4,
});
const peakRssMb = peakMegabytes();
console.log(JSON.stringify({ peer: "amortis", threads: Number(threads), ...times, peakRssMb }));
