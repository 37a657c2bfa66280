/**
 * How often each diagnostic test raises a false alarm, and how often it finds a stated fault, on posteriors in closed form.
 *
 *     θ_k ~ N(0, 1),   y_k1, y_k2 ~ N(θ_k, 2),   θ_k | y ~ N((y_k1 + y_k2) / 4, 1/2),   k = 1 .. p
 *
 * Draws are of that posterior, or of one with a fault; each run has fresh data sets. Tests stand at 5 % each by themselves; the verdict has 5 % for all of them together.
 *
 *     npm run experiment:diagnostics -- --runs 200 --simulations 1000 --draws 255 --parameters 2
 */
import { parseArgs } from "node:util";
import { diagnoseDraws } from "amortis/diagnostics";
import { closedForm, type Fault } from "../../packages/amortis/test/diagnostics/closed-form.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    simulations: { type: "string", default: "1000" },
    draws: { type: "string", default: "255" },
    parameters: { type: "string", default: "2" },
    /** Only faults whose name has this in it. */
    fault: { type: "string", default: "" },
  },
});
const [RUNS, N, DRAWS, P] = [
  Number(values.runs),
  Number(values.simulations),
  Number(values.draws),
  Number(values.parameters),
];

const FAULTS: Readonly<Record<string, Fault>> = {
  "none (false alarms)": {},
  "sd 0.85 of right": { scale: 0.85 },
  "sd 1.15 of right": { scale: 1.15 },
  "mean off by 0.2 sd": { shift: 0.2 },
  "sd 0.4 of right": { scale: 0.4 },
  "correlation of 0.3": { correlation: 0.3 },
  "prior sd 1.3, believed 1": { prior: 1.3 },
  "half of the data unused": { uses: "half" },
  "none of the data used": { uses: "nothing" },
  "sd 0.85 in half of the space": { scale: 0.85, above: true },
};

const TESTS = [
  "shift",
  "spread",
  "ranks",
  "places",
  "joint ranks",
  "tarp",
  "data-averaged",
  "learned",
];

console.log(
  `Rejections in ${RUNS} runs of ${N} data sets with ${DRAWS} draws each, ${P} parameters, %; each test at 5 %, of the first parameter or of all\n`,
);
console.log(`| fault | verdict | ${TESTS.join(" | ")} |`);
console.log(`|---|---|${TESTS.map(() => "---").join("|")}|`);
let seconds = 0;
const chosen = Object.entries(FAULTS).filter(([name]) => name.includes(values.fault));
for (const [name, fault] of chosen) {
  const counts = new Map<string, number>();
  const count = (key: string): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (let run = 0; run < RUNS; run++) {
    const scored = closedForm(N, DRAWS, P, 1000 + run, fault);
    const started = process.cpuUsage();
    const { tests, calibrated } = diagnoseDraws(scored, { data: scored.data });
    const used = process.cpuUsage(started);
    seconds += (used.user + used.system) / 1e6;
    if (!calibrated) count("verdict");
    for (const test of TESTS) {
      const own = tests.find(({ name: known }) => known === test);
      if (own !== undefined && own.pValue <= 0.05) count(test);
    }
  }
  const cells = ["verdict", ...TESTS].map((key) =>
    ((100 * (counts.get(key) ?? 0)) / RUNS).toFixed(1),
  );
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}
const each = seconds / (RUNS * chosen.length);
console.log(`\n${each.toFixed(2)} s of processor time a diagnosis`);
