/**
 * Estimators as plain ONNX: programs with their weights in, and how to call them from other languages.
 */
import { bindInputs, describeModel, UnsupportedError } from "@amortis/graph";
import { spread } from "../data/standardization.js";
import type { EstimatorBase } from "./base.js";
import { weightsByName, type Contents } from "./contents.js";
import { drawingMembers, type DrawingMember } from "./drawing.js";
import { exampleJavaScript, examplePython, exampleR, exportReadme } from "./export-texts.js";

/** A program as others see it. */
export interface ExportedProgram {
  readonly name: string;
  readonly opset: number;
  readonly operators: readonly string[];
  readonly inputs: ReturnType<typeof describeModel>["inputs"];
  readonly outputs: ReturnType<typeof describeModel>["outputs"];
}

/** What was taken off data and parameters in double precision, of those of which something was: by name, a number for each place. */
export interface ExportedOffsets {
  readonly data: Readonly<Record<string, readonly number[]>>;
  readonly parameters?: readonly number[];
}

/** What is exported, in words. */
export interface Exported {
  readonly method: string;
  readonly model: string;
  readonly kind: string;
  readonly parameterNames: readonly string[];
  readonly programs: readonly ExportedProgram[];
  readonly offsets: ExportedOffsets;
  /** Of an ensemble: the programs that draw, and what share of the draws is each one's. */
  readonly members: readonly Pick<DrawingMember, "program" | "weight">[];
}

/**
 * An estimator as plain ONNX files, with a README and examples for Python, R and JavaScript beside.
 *
 * Each program is a model of standard operators with a dynamic batch, whose weights are constants: `context` gives what the networks make of data, `sample` draws
 * from that and base noise, `logDensity`, `logRatio` and `logLikelihood` numbers for parameters, `estimate` points and quantiles. Which there are depends on the method.
 *
 * Draws of an ensemble are those of several programs, each with its share: `sample0`, `sample1`, ...; the README says which.
 *
 * @throws UnsupportedError where posteriors were recalibrated, which is no part of the programs.
 * @returns the bytes of each file, by its name: `sample.onnx`, `README.md`, `example.py`, `example.R`, `example.mjs`.
 * @example
 * for (const [name, bytes] of Object.entries(exportOnnx(await load("field.amortis")))) await writeFile(name, bytes);
 */
export function exportOnnx(
  estimator: Pick<EstimatorBase, "contents" | "dataSpecs" | "parameterNames">,
): Readonly<Record<string, Uint8Array>> {
  const { contents, dataSpecs, parameterNames } = estimator;
  const { method, model, answers, standardization } = contents.details;
  const weights = weightsByName(contents);
  const models = Object.entries(contents.programs).map(
    ([name, program]) => [name, bindInputs(program, weights, { others: "ignore" })] as const,
  );
  const { offset } = standardization.parameters;
  const exported: Exported = {
    method,
    model: model.name,
    kind: answers.kind,
    parameterNames,
    members: membersOf(contents),
    programs: models.map(([name, bytes]) => ({ name, ...describeModel(bytes) })),
    offsets: {
      data: Object.fromEntries(
        Object.entries(dataSpecs).flatMap(([name, { shape }]) => {
          const { offset: own, shape: shared } = standardization.data[name] ?? {};
          return own === undefined ? [] : [[name, [...spread(own, shape, shared)]]];
        }),
      ),
      ...(offset !== undefined && { parameters: offset }),
    },
  };
  const texts = {
    "README.md": exportReadme(exported),
    "example.py": examplePython(exported),
    "example.R": exampleR(exported),
    "example.mjs": exampleJavaScript(exported),
  };
  const encoder = new TextEncoder();
  return Object.fromEntries([
    ...models.map(([name, bytes]) => [`${name}.onnx`, bytes] as const),
    ...Object.entries(texts).map(([name, text]) => [name, encoder.encode(text)] as const),
  ]);
}

/** @throws UnsupportedError where programs alone would answer something else. */
function membersOf({ details: { answers } }: Contents): Exported["members"] {
  if (answers.kind !== "posterior") return [];
  if (answers.recalibration !== undefined) {
    throw new UnsupportedError(
      "this estimator was recalibrated, which is done beside its programs, so that what these answer alone is not what it answers: export it as it was before",
    );
  }
  const members = drawingMembers(answers);
  return members.length > 1 ? members : [];
}
