/**
 * Any data, beside exact posteriors: ratios of CRPS, coverage of 90 % intervals, and how far means and standard deviations are from the exact ones, a row for each kind of data. What is measured is
 * kept, so that rows may be asked for one by one, and a stopped run goes on where it was.
 *
 *     npm run experiment:data -- --only replicates --simulations 50000 --sets 200 --out /tmp/data
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { kept, type Row } from "./row.js";
import { rows as composed } from "./rows/composed.js";
import { rows as estimates } from "./rows/estimates.js";
import { rows as lacking } from "./rows/lacking.js";
import { rows as replicates } from "./rows/replicates.js";
import { rows as sources } from "./rows/sources.js";

const ROWS: readonly Row[] = [...replicates, ...composed, ...lacking, ...sources, ...estimates];

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    simulations: { type: "string", default: "50000" },
    sets: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    epochs: { type: "string" },
    out: { type: "string", default: "experiments/data/results" },
  },
});

const chosen = values.only?.split(",") ?? ROWS.map(({ name }) => name);
const unknown = chosen.find((name) => !ROWS.some((row) => row.name === name));
if (unknown !== undefined) {
  throw new Error(
    `there is no row "${unknown}"; there are ${ROWS.map(({ name }) => name).join(", ")}`,
  );
}
const budget = {
  simulations: Number(values.simulations),
  sets: Number(values.sets),
  seed: Number(values.seed),
  ...(values.epochs !== undefined && { epochs: Number(values.epochs) }),
};
await mkdir(values.out, { recursive: true });

for (const row of ROWS.filter(({ name }) => chosen.includes(name))) {
  const keep = join(values.out, [row.name, ...Object.values(budget)].join("-"));
  const scores = await kept(`${keep}.json`, () => row.measure({ ...budget, keep }));
  console.log(`\n${row.name}: ${row.about} (${budget.simulations} simulations)`);
  console.log(
    "| data | sets | ratio | coverage | exact | distance | sd | ms of processor an answer |",
  );
  console.log(`|${"---|".repeat(8)}`);
  for (const { what, sets, ratio, error, distance, milliseconds, ...more } of scores) {
    const percent = (x: number | undefined): string =>
      x === undefined ? "" : `${(100 * x).toFixed(1)} %`;
    const numbers = [
      `${ratio.toFixed(3)} ± ${error.toFixed(3)}`,
      percent(more.coverage),
      percent(more.exactCoverage),
      distance.toFixed(2),
      more.spread?.toFixed(2) ?? "",
      milliseconds.toFixed(1),
    ];
    console.log(`| ${what} | ${sets} | ${numbers.join(" | ")} |`);
  }
}
