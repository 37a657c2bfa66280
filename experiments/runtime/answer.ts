/**
 * Answers of one estimator on one runtime, in this process: prints one JSON line. Run by runtime.ts.
 *
 *     tsx experiments/runtime/answer.ts FILE own|fused|native|web
 */
import { readFileSync } from "node:fs";
import { peakMegabytes } from "../peak-memory.js";
import { runtimeOf } from "./runtimes.js";
import { timeAnswers } from "./time-answers.js";

const [file = "", name = "own"] = process.argv.slice(2);
const times = await timeAnswers(new Uint8Array(readFileSync(file)), await runtimeOf(name));
console.log(JSON.stringify({ ...times, peakRssMb: peakMegabytes() }));
