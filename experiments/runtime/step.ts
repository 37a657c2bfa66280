/**
 * Times a training step of one program on one runtime, in this process, and prints one JSON line. Run by runtime.ts.
 *
 *     tsx experiments/runtime/step.ts PROGRAM own|fused|native|web
 */
import { timeTraining } from "../engine/time-training.js";
import { peakMegabytes } from "../peak-memory.js";
import { runtimeOf } from "./runtimes.js";

const [key = "", name = "own"] = process.argv.slice(2);
const settings = { threads: 1, blocks: 5, seconds: 0.3 };
const times = await timeTraining(key, await runtimeOf(name), settings);
console.log(JSON.stringify({ ...times, peakRssMb: peakMegabytes() }));
