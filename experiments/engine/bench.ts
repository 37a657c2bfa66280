/**
 * The engine beside its peers: milliseconds a training step, compile time and peak memory, for one thread and two.
 *
 *     npm run bench:engine [-- --rounds 3 --threads 1,2 --programs mlp,spline --json]
 *
 * Each measurement is a process of its own. Engine and peers take turns, round after round, so that a machine whose speed drifts
 * is fair to all; the median over rounds is shown, and beside the clock the processor time, which others on the machine change less. Peers are Python programs (experiments/peers) and optional: name an interpreter that has their
 * requirements in AMORTIS_PEERS_PYTHON.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

interface Measurement {
  readonly peer: string;
  readonly program: string;
  readonly batch: number;
  readonly threads: number;
  readonly msPerStep: number;
  /** Processor time a step; not all peers say it. */
  readonly cpuMsPerStep?: number;
  readonly compileMs: number;
  readonly peakRssMb: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    threads: { type: "string", default: "1,2" },
    programs: { type: "string", default: "mlp,spline,affine,cnn32,cnn128" },
    peers: { type: "string", default: "torch-eager,torch-compile,jax,jax-scan" },
    json: { type: "boolean", default: false },
  },
});

const python = process.env["AMORTIS_PEERS_PYTHON"];
const peers = python === undefined ? [] : values.peers.split(",").filter(Boolean);
if (python === undefined) {
  console.error("AMORTIS_PEERS_PYTHON is not set: the peers are left out");
}

function lastJson(output: string): Measurement | undefined {
  const line = output.trim().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? (JSON.parse(line) as Measurement) : undefined;
}

/** Whether processes can be held to one processor, as one thread should be: the engine and its peers alike. */
const canPin = spawnSync("taskset", ["--version"]).status === 0;

function run(command: string, args: readonly string[], threads: number): Measurement | undefined {
  const pinned = threads === 1 && canPin;
  const [file, ...rest] = pinned ? ["taskset", "-c", "0", command, ...args] : [command, ...args];
  const result = spawnSync(file ?? command, rest, { encoding: "utf8", maxBuffer: 1 << 26 });
  const measured = result.status === 0 ? lastJson(result.stdout) : undefined;
  if (measured === undefined) {
    console.error(
      `${command} ${args.join(" ")} gave no measurement: ${result.stderr.trim().split("\n").at(-1) ?? ""}`,
    );
  }
  return measured;
}

/** "cnn32" is the program "cnn" at batch 32 for the peers. */
function peerArguments(program: string): readonly string[] {
  const [, name = program, batch] = /^([a-z]+)(\d+)?$/.exec(program) ?? [];
  return ["--program", name, ...(batch === undefined ? [] : ["--batch", batch])];
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const rows: Measurement[] = [];
for (const program of values.programs.split(",")) {
  for (const threads of values.threads.split(",").map(Number)) {
    const measured = new Map<string, Measurement[]>();
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const peer of ["amortis", ...peers]) {
        const one =
          peer === "amortis"
            ? run(
                process.execPath,
                ["--import", "tsx", "experiments/engine/measure.ts", program, String(threads)],
                threads,
              )
            : run(
                python ?? "python3",
                [
                  "experiments/peers/bench.py",
                  ...peerArguments(program),
                  "--peer",
                  peer,
                  "--threads",
                  String(threads),
                ],
                threads,
              );
        if (one !== undefined) measured.set(peer, [...(measured.get(peer) ?? []), one]);
      }
    }
    for (const [peer, all] of measured) {
      rows.push({
        peer,
        program,
        batch: all[0]?.batch ?? 0,
        threads,
        msPerStep: median(all.map((m) => m.msPerStep)),
        cpuMsPerStep: median(all.map((m) => m.cpuMsPerStep ?? Number.NaN)),
        compileMs: median(all.map((m) => m.compileMs)),
        peakRssMb: median(all.map((m) => m.peakRssMb)),
      });
    }
    if (!values.json) {
      const ours = rows.findLast((row) => row.peer === "amortis");
      for (const row of rows.filter((r) => r.program === program && r.threads === threads)) {
        const ratio = row.msPerStep / (ours?.msPerStep ?? Number.NaN);
        const { cpuMsPerStep: cpu = Number.NaN } = row;
        const cpuRatio = cpu / (ours?.cpuMsPerStep ?? Number.NaN);
        console.log(
          `${program.padEnd(8)} ${threads} thread${threads > 1 ? "s" : " "}  ${row.peer.padEnd(14)} ${row.msPerStep.toFixed(3).padStart(9)} ms/step ${`${ratio.toFixed(2)}x`.padStart(8)}  processor ${cpu.toFixed(3).padStart(9)} ms ${`${cpuRatio.toFixed(2)}x`.padStart(8)}  compile ${row.compileMs.toFixed(0).padStart(6)} ms  peak ${row.peakRssMb.toFixed(0).padStart(5)} MB`,
        );
      }
    }
  }
}
if (values.json) console.log(JSON.stringify(rows, undefined, 1));
