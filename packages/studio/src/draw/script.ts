/**
 * Programs that reproduce what is on screen: in TypeScript by the library, in Python and R by the command.
 */
import type { DistributionJson } from "amortis/extend";
import type { DataRecord } from "../protocol/types.js";

/** In which there are programs. */
export const LANGUAGES = ["TypeScript", "Python", "R"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What is on screen. */
export interface OnScreen {
  /** Name of the estimator's file. */
  readonly file: string;
  /** One data set, or its replicates. */
  readonly data: readonly DataRecord[];
  readonly priors: Readonly<Record<string, DistributionJson>>;
  readonly samples: number;
  readonly seed: number;
  readonly level: number;
}

/** A program. */
export function scriptOf(language: Language, screen: OnScreen): string {
  const programs = { TypeScript: inTypeScript, Python: inPython, R: inR } as const;
  return programs[language](screen);
}

/** Why there is no program in a language, where there is none. */
export function withoutScript(language: Language, { priors }: OnScreen): string | undefined {
  const others = Object.keys(priors);
  if (language === "TypeScript" || others.length === 0) return undefined;
  return `the command does not reweight posteriors to another prior (of ${others.join(", ")}) yet: take the TypeScript program, or the prior back`;
}

const HEAD = "What the Amortis studio showed.";

function inTypeScript({ file, data, priors, samples, seed, level }: OnScreen): string {
  const others = Object.entries(priors);
  const library = others.length === 0 ? "loadPosterior" : "loadPosterior, truncatedNormal";
  const options = [
    `samples: ${samples}`,
    `seed: ${seed}`,
    ...(data.length > 1 ? ['replicates: "all"'] : []),
  ].join(", ");
  const first = others.length === 0 ? "posterior" : "trained";
  return `// ${HEAD} Run it by: npx tsx answer.ts
import { ${library} } from "amortis";

const data = ${dataIn(data, "NaN")};
const estimator = await loadPosterior(${JSON.stringify(file)});
const ${first} = await estimator.given(data, { ${options} });
${others.length === 0 ? "" : `const posterior = await trained.under(${priorsIn(others)}, { seed: ${seed} });\n`}console.log(JSON.stringify({
  mean: posterior.mean(),
  sd: posterior.sd(),
  lower: posterior.quantile((1 - ${level}) / 2),
  upper: posterior.quantile((1 + ${level}) / 2),
}));
`;
}

function priorsIn(others: readonly (readonly [string, DistributionJson])[]): string {
  const entries = others.map(([name, { mean, sd, lower, upper }]) => {
    const bound = (value: unknown): string => String(value);
    return `${JSON.stringify(name)}: truncatedNormal(${bound(mean)}, ${bound(sd)}, ${bound(lower)}, ${bound(upper)})`;
  });
  return `{ ${entries.join(", ")} }`;
}

function inPython({ file, data, samples, seed }: OnScreen): string {
  return `# ${HEAD} It asks the command, which npm i amortis brings.
import json
import subprocess

data = json.loads("""${dataIn(data, "null")}""")
with open("data.json", "w") as out:
    json.dump(data, out)
answer = json.loads(subprocess.run(
    ["npx", "amortis", "infer", ${JSON.stringify(file)}, "data.json",
     "--samples", "${samples}", "--seed", "${seed}",${data.length > 1 ? ' "--replicates", "all",' : ""} "--json"],
    check=True, capture_output=True, text=True).stdout)
print(json.dumps(answer["datasets"][0]))
`;
}

function inR({ file, data, samples, seed }: OnScreen): string {
  const replicates = data.length > 1 ? ', "--replicates", "all"' : "";
  return `# ${HEAD} It asks the command, which npm i amortis brings.
library(jsonlite)

writeLines('${dataIn(data, "null")}', "data.json")
answer <- fromJSON(system2("npx", c("amortis", "infer", ${JSON.stringify(file)}, "data.json",
  "--samples", "${samples}", "--seed", "${seed}"${replicates}, "--json"), stdout = TRUE))
print(answer$datasets)
`;
}

/** Arrays by name: [m] of one data set, [n, m] of replicates. */
function dataIn(data: readonly DataRecord[], missing: string): string {
  const [first = {}] = data;
  const arrays = Object.keys(first).map((name) => {
    const rows = data.map((one) => {
      const numbers = Array.from(one[name] ?? [], (x) => (Number.isNaN(x) ? missing : String(x)));
      return `[${numbers.join(", ")}]`;
    });
    return `"${name}": ${rows.length === 1 ? rows[0] : `[${rows.join(",\n")}]`}`;
  });
  return `{ ${arrays.join(", ")} }`;
}
