/**
 * The amortization gap, split into what the density family cannot say and what sharing weights between data sets costs, over simulations and network sizes.
 *
 *     npm run experiment:gap -- --tasks gaussian-field --simulations 250,1000,4000 --sizes small,usual --sets 10
 *     npm run experiment:gap -- --tasks two_moons,slcp --simulations 4000 --sizes usual --sets 10 --out rows.json
 *     npm run experiment:gap -- --draw rows.json --picture docs/gap.svg
 *
 * Rows are added to --out as they come, and what it has is not measured again; --draw makes the picture and the rates of all that are there.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { npe, simulate, train, type SimulatedData } from "amortis";
import { amortizationGap, type GapReference, type GapSplit } from "amortis/diagnostics";
import { drawGap } from "./picture.js";
import { rateOf } from "./rate.js";
import { networksOf, taskOf } from "./tasks.js";

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: "gaussian-field" },
    simulations: { type: "string", default: "250,1000,4000" },
    sizes: { type: "string", default: "usual" },
    sets: { type: "string", default: "10" },
    steps: { type: "string", default: "300" },
    epochs: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    out: { type: "string" },
    draw: { type: "string" },
    picture: { type: "string" },
  },
});

/** A number with its standard error. */
export type Measured = readonly [value: number, error: number];

/** What is measured. */
interface Asked {
  readonly task: string;
  readonly size: string;
  readonly simulations: number;
}

/** One estimator. */
export interface GapRow extends Asked {
  readonly sets: number;
  readonly kl: GapSplit<Measured>;
  readonly reverse: GapSplit<Measured>;
  readonly variation: GapSplit<Measured>;
  /** KL(p‖q) in thirds of the data sets by their first true parameter: how large that is, and the gap. */
  readonly places?: readonly { readonly at: number; readonly kl: Measured }[];
}

/** Data sets of a task, with their posteriors, which all its estimators are held against. */
async function testOf(task: string): Promise<Test> {
  const { model, exact } = taskOf(task);
  const { data, parameters } = await simulate(model, {
    simulations: Number(values.sets),
    seed: "gap",
    workers: 0,
  });
  return { data, parameters, reference: await exact(data) };
}

interface Test extends Pick<SimulatedData, "data" | "parameters"> {
  readonly reference: GapReference;
}

async function measure(
  { task: name, size, simulations }: Asked,
  { data, parameters, reference }: Test,
): Promise<GapRow> {
  const { model } = taskOf(name);
  const networks = networksOf(name, size === "small" ? "small" : "usual");
  const estimator = await train(npe(model, { ...networks, members: 1, emulations: 0 }), {
    simulations,
    seed: Number(values.seed),
    epochs: Number(values.epochs),
    workers: 0,
    threads: 1,
    onWarning: () => undefined,
  });
  const gap = await amortizationGap(estimator, data, reference, {
    model,
    steps: Number(values.steps),
  });
  await estimator.release();
  const parts = ({ total, family, amortization }: (typeof gap)["kl"]): GapSplit<Measured> => ({
    total: [total.value, total.standardError],
    family: [family.value, family.standardError],
    amortization: [amortization.value, amortization.standardError],
  });
  const places = placesOf(
    gap.kl.total.each,
    gap.dataSets.map((i) => parameters[i * model.parameterSize] ?? Number.NaN),
  );
  return {
    task: name,
    size,
    simulations,
    sets: gap.dataSets.length,
    kl: parts(gap.kl),
    reverse: parts(gap.reverse),
    variation: parts(gap.variation),
    ...(places && { places }),
  };
}

/** The gap where the first parameter is small, in the middle, and large. */
function placesOf(
  each: ArrayLike<number>,
  truth: readonly number[],
): NonNullable<GapRow["places"]> {
  const order = Array.from(each, (_, i) => i).toSorted((a, b) => (truth[a] ?? 0) - (truth[b] ?? 0));
  const third = Math.ceil(order.length / 3);
  return [0, 1, 2].map((part) => {
    const own = order.slice(part * third, (part + 1) * third);
    const mean = (of: (i: number) => number) => own.reduce((sum, i) => sum + of(i), 0) / own.length;
    const kl = mean((i) => each[i] ?? Number.NaN);
    const variance = mean((i) => ((each[i] ?? Number.NaN) - kl) ** 2) / (own.length - 1);
    return { at: mean((i) => truth[i] ?? 0), kl: [kl, Math.sqrt(variance)] as const };
  });
}

function rowsIn(path: string | undefined): readonly GapRow[] {
  if (path === undefined || !existsSync(path)) return [];
  return JSON.parse(readFileSync(path, "utf8")) as readonly GapRow[];
}

/** What was measured before. */
function knownRow({ task, size, simulations }: Asked): GapRow | undefined {
  return rowsIn(values.out).find(
    (row) => row.task === task && row.size === size && row.simulations === simulations,
  );
}

function sharedTest(tests: Map<string, Promise<Test>>, task: string): Promise<Test> {
  const test = tests.get(task) ?? testOf(task);
  tests.set(task, test);
  return test;
}

// Where a likelihood is zero at draws of q, KL(q ‖ p) is infinite; JSON has no such number.
const shown = ([value, error]: Measured): string =>
  value === null || !Number.isFinite(value)
    ? "∞"
    : `${value.toFixed(3)} ± ${(error ?? Number.NaN).toFixed(3)}`;

function line({ task, size, simulations, sets, kl, reverse, variation }: GapRow): string {
  const cells = [kl.total, kl.family, kl.amortization, reverse.total, reverse.family];
  const apart = [variation.total, variation.family].map(([value]) => value.toFixed(2));
  return `| ${[task, size, simulations, sets, ...cells.map(shown), ...apart].join(" | ")} |`;
}

const COLUMNS = [
  "task",
  "network",
  "simulations",
  "data sets",
  "KL(p‖q)",
  "family",
  "amortization",
  "KL(q‖p)",
  "family",
  "TV",
  "family",
];
console.log(`| ${COLUMNS.join(" | ")} |\n|${COLUMNS.map(() => "---").join("|")}|`);
if (values.draw === undefined) {
  const asked = values.tasks
    .split(",")
    .flatMap((task) =>
      values.sizes
        .split(",")
        .flatMap((size) =>
          values.simulations
            .split(",")
            .map((count) => ({ task, size, simulations: Number(count) })),
        ),
    );
  const tests = new Map<string, Promise<Test>>();
  for (const one of asked) {
    const row = knownRow(one) ?? (await measure(one, await sharedTest(tests, one.task)));
    console.log(line(row));
    const places = row.places?.map(({ at, kl }) => `${at.toFixed(2)}: ${shown(kl)}`);
    console.log(`    by the first parameter: ${places?.join("; ")}`);
    if (values.out === undefined || knownRow(one) !== undefined) continue;
    writeFileSync(values.out, `${JSON.stringify([...rowsIn(values.out), row])}\n`);
  }
} else {
  const rows = rowsIn(values.draw);
  for (const row of rows) console.log(line(row));
  console.log("");
  for (const { name, part, exponent, standardError } of rateOf(rows))
    console.log(`| ${name} | ${part} | ${exponent.toFixed(2)} ± ${standardError.toFixed(2)} |`);
  if (values.picture !== undefined) await drawGap(values.picture, rows);
}
