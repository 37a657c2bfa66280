/**
 * What lies beside exported programs: a README, and examples in other languages.
 */
import type { Exported, ExportedProgram } from "./export-onnx.js";

type Value = ExportedProgram["inputs"][number];

/** What programs are for, by their name. */
const PURPOSES: Readonly<Record<string, string>> = {
  context: "data to what the networks make of them, which the other programs take",
  sample: "context and base noise to draws of the parameters",
  logDensity: "context and parameters to log p(θ | data)",
  logRatio: "context and parameters to log p(θ | data) / p(θ)",
  logLikelihood: "context and parameters to log p(data | θ)",
  slope: "the same with its gradient in the parameters",
  estimate: "data to points and quantiles",
  binding: "parameters to mean and factor of the covariance of a Gaussian likelihood",
  denoise: "context and noisy parameters to the same without noise",
};

const signature = (values: readonly Value[]): string =>
  values.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join(", ")}]`).join("; ");

/** How to call the programs. */
export function exportReadme({
  method,
  model,
  kind,
  parameterNames,
  programs,
  offsets,
  members,
}: Exported) {
  const [first] = programs;
  const shares = new Map(
    members.map(({ program, weight }) => [program, Number((100 * weight).toPrecision(4))]),
  );
  const purposeOf = (name: string): string => {
    const share = shares.get(name);
    return share === undefined
      ? (PURPOSES[name] ?? "one of several that answer together")
      : `context and base noise to ${share} % of the draws`;
  };
  const rows = programs.map(
    ({ name, inputs, outputs }) =>
      `| ${name}.onnx | ${purposeOf(name)} | ${signature(inputs)} | ${signature(outputs)} |`,
  );
  const shifted = [
    ...Object.entries(offsets.data).map(
      ([name, values]) => `- from \`${name}\` subtract [${values.join(", ")}] before the call.`,
    ),
    ...(offsets.parameters === undefined
      ? []
      : [
          `- to draws and points add [${offsets.parameters.join(", ")}] afterwards; from parameters subtract it before.`,
        ]),
  ];
  return `# ${model}, by ${method}
Plain ONNX of an estimator that answers with "${kind}": standard operators at operator set ${first?.opset ?? 21}, weights included, sizes of the call dynamic (\`batch\` data sets,
\`draws\` of each). Parameters, in this order: ${parameterNames.join(", ")}.

| file | what it computes | takes | gives |
|---|---|---|---|
${rows.join("\n")}

Base noise is independent: \`normal\` standard normal, \`uniform\` uniform on (0, 1). Densities say nothing outside of the prior's support: take -Infinity there.
${members.length > 0 ? "\nThe posterior is a mixture: each draw comes from one of the networks, of each as large a share as the table says. Draws of one of them alone are not the posterior's.\n" : ""}${shifted.length > 0 ? `\nIn double precision, so that no digits are lost:\n${shifted.join("\n")}\n` : ""}
\`example.py\` (onnxruntime, numpy), \`example.R\` (reticulate, with the same of Python), and \`example.mjs\` (onnxruntime-node) call them.
`;
}

/** Sizes of an example's call. */
const CALL: Readonly<Record<string, number>> = { batch: 2, draws: 100 };

function sizesOf(shape: Value["shape"]): readonly number[] {
  return shape.map((size) => (typeof size === "number" ? size : (CALL[size] ?? 3)));
}

/** The program that the others take from, and the one that answers, or those that do together. */
function chainOf({ programs, members }: Exported): readonly ExportedProgram[] {
  const named = (name: string): readonly ExportedProgram[] =>
    programs.filter((program) => program.name === name);
  const one = ["sample", "logRatio", "logLikelihood", "estimate"].flatMap(named).slice(0, 1);
  const last = members.length > 0 ? members.flatMap(({ program }) => named(program)) : one;
  const chain = [...named("context"), ...last];
  return chain.length > 0 ? chain : programs.slice(0, 1);
}

interface Language {
  readonly head: readonly string[];
  readonly open: (program: string) => string;
  readonly value: (input: Value) => string;
  readonly run: (program: ExportedProgram, feeds: readonly string[]) => readonly string[];
  readonly show: (output: string) => string;
  /** Parts of the draws of an ensemble: none yet, one more, and what becomes of them. */
  readonly none: string;
  readonly more: (output: string) => string;
  readonly joined: (output: string) => readonly string[];
}

function example(exported: Exported, language: Language): string {
  const lines = [...language.head];
  const given = new Set<string>();
  const weights = new Map(exported.members.map(({ program, weight }) => [program, weight]));
  let last = "";
  if (weights.size > 0) lines.push(language.none);
  for (const program of chainOf(exported)) {
    const weight = weights.get(program.name);
    lines.push(language.open(program.name));
    for (const input of program.inputs) {
      const isNoise = weight !== undefined && input.name !== "context";
      if (given.has(input.name) && !isNoise) continue;
      lines.push(language.value(isNoise ? withDraws(input, weight) : input));
      given.add(input.name);
    }
    lines.push(
      ...language.run(
        program,
        program.inputs.map(({ name }) => name),
      ),
    );
    for (const { name } of program.outputs) given.add(name);
    last = program.outputs[0]?.name ?? last;
    if (weight !== undefined) lines.push(language.more(last));
  }
  return `${[...lines, ...(weights.size > 0 ? language.joined(last) : [language.show(last)])].join("\n")}\n`;
}

/** An input for as many draws as are a network's of those of a call. */
function withDraws(input: Value, weight: number): Value {
  const draws = Math.max(1, Math.round(weight * (CALL["draws"] ?? 1)));
  return { ...input, shape: input.shape.map((size) => (size === "draws" ? draws : size)) };
}

/** Ten lines of Python. Data are drawn: put yours in their place. */
export function examplePython(exported: Exported): string {
  return example(exported, {
    head: [
      "import numpy as np, onnxruntime as ort",
      "random = np.random.default_rng(1)  # data are drawn here: put yours in their place",
    ],
    open: (name) => `${name}_program = ort.InferenceSession("${name}.onnx")`,
    value: ({ name, shape }) =>
      name === "uniform"
        ? `${name} = random.random((${sizesOf(shape).join(", ")},), dtype=np.float32)`
        : `${name} = random.standard_normal((${sizesOf(shape).join(", ")},), dtype=np.float32)`,
    run: ({ name, outputs }, feeds) => [
      `${outputs.map((output) => output.name).join(", ")}${outputs.length === 1 ? "," : ""} = ${name}_program.run([${outputs.map((output) => `"${output.name}"`).join(", ")}], {${feeds.map((feed) => `"${feed}": ${feed}`).join(", ")}})`,
    ],
    none: "parts = []",
    more: (output) => `parts.append(${output})`,
    joined: (output) => [
      `${output} = np.concatenate(parts, axis=1)`,
      `print("${output}", ${output}.shape, np.isfinite(${output}).all())`,
    ],
    show: (output) => `print("${output}", ${output}.shape, np.isfinite(${output}).all())`,
  });
}

/** Ten lines of R, by reticulate. */
export function exampleR(exported: Exported): string {
  return example(exported, {
    head: [
      "library(reticulate)",
      'ort <- import("onnxruntime"); np <- import("numpy")',
      "# data are drawn here: put yours in their place",
    ],
    open: (name) => `${name}_program <- ort$InferenceSession("${name}.onnx")`,
    value: ({ name, shape }) =>
      name === "uniform"
        ? `${name} <- np$array(array(runif(${sizesOf(shape).join(" * ")}), dim = c(${sizesOf(shape).join(", ")})), dtype = "float32")`
        : `${name} <- np$array(array(rnorm(${sizesOf(shape).join(" * ")}), dim = c(${sizesOf(shape).join(", ")})), dtype = "float32")`,
    run: ({ name, outputs }, feeds) => [
      `results <- ${name}_program$run(list(${outputs.map((output) => `"${output.name}"`).join(", ")}), list(${feeds.map((feed) => `${feed} = ${feed}`).join(", ")}))`,
      ...outputs.map(
        (output, i) => `${output.name} <- np$array(results[[${i + 1}]], dtype = "float32")`,
      ),
    ],
    none: "parts <- list()",
    more: (output) => `parts <- c(parts, list(${output}))`,
    joined: (output) => [
      `${output} <- np$concatenate(parts, axis = 1L)`,
      `print(dim(py_to_r(${output})))`,
    ],
    show: (output) => `print(dim(py_to_r(${output})))`,
  });
}

/** Ten lines of JavaScript. */
export function exampleJavaScript(exported: Exported): string {
  return example(exported, {
    head: [
      'import { InferenceSession, Tensor } from "onnxruntime-node";',
      "const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());",
      "const draw = (shape, one = normal) => new Tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, one), shape);",
      "const tensors = {}; // data are drawn here: put yours in their place",
    ],
    open: (name) => `const ${name}Program = await InferenceSession.create("${name}.onnx");`,
    value: ({ name, shape }) =>
      `tensors.${name} = draw([${sizesOf(shape).join(", ")}]${name === "uniform" ? ", Math.random" : ""});`,
    run: ({ name }, feeds) => [
      `Object.assign(tensors, await ${name}Program.run({ ${feeds.map((feed) => `${feed}: tensors.${feed}`).join(", ")} }));`,
    ],
    none: "const parts = []; // [batch, some draws, parameters] each",
    more: (output) => `parts.push(tensors.${output});`,
    joined: (output) => [`console.log("${output}", parts.map(({ dims }) => dims));`],
    show: (output) => `console.log("${output}", tensors.${output}.dims);`,
  });
}
