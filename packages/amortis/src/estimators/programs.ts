/**
 * The programs of an estimator's file, checked against what answers ask of them before any runtime sees them.
 */
import {
  checkedProgram,
  EncodingError,
  type ExpectedValue,
  type ProgramContract,
} from "@amortis/graph";
import { graphSizes, specsOf } from "../data/array-spec.js";
import { sizeOf } from "../data/shape.js";
import { FileError } from "../files/container.js";
import type { Details } from "./contents.js";
import type { ProgramShape, ProgramSize } from "./kind-of-answer.js";

/** What the networks make of data. */
const contextOutput: ProgramShape["outputs"] = { context: ["batch", "any"] };

/** The program that makes of data what other programs take. */
export const contextProgram: ProgramShape = { data: true, outputs: contextOutput };

/**
 * A program that answers from data in one go.
 *
 * @param givesContext whether it gives beside what the networks make of the data, as files from before it did do not.
 */
export function answerProgram(
  outputs: ProgramShape["outputs"],
  givesContext: boolean | undefined,
): ProgramShape {
  return { data: true, outputs: { ...outputs, ...(givesContext === true && contextOutput) } };
}

/** A program that gives a number for each draw of parameters, given the context. */
export function valueProgram(output: string): ProgramShape {
  return {
    inputs: { context: ["batch", "any"], theta: ["batch", "draws", "parameters"] },
    outputs: { [output]: ["batch", "draws"] },
  };
}

/** The same with its gradient, which files of earlier versions do not have. */
export function slopeProgram(output: string): ProgramShape {
  const { inputs, outputs } = valueProgram(output);
  return {
    ...(inputs && { inputs }),
    outputs: { ...outputs, gradient: ["batch", "draws", "parameters"] },
    optional: true,
  };
}

/** A small call, at which programs are tried. */
const CALL = { batch: 2, draws: 3 };
const ELEMENTS = 5;

type Named<T> = Readonly<Record<string, T>>;

function mapped<T, U>(values: Named<T>, f: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, f(value)]));
}

const float32 = (shape: ExpectedValue["shape"]): ExpectedValue => ({ dtype: "float32", shape });

/** What a program must be. */
function contractOf(
  { data, inputs = {}, outputs, sizes: others = [] }: ProgramShape,
  details: Details,
): ProgramContract {
  const { parameters, data: specs } = details.model;
  const p = parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const sizes = (shape: readonly ProgramSize[]): ExpectedValue =>
    float32(
      shape.map((size) => {
        if (size === "any") return null;
        return size === "parameters" ? p : size;
      }),
    );
  const arrays = data === true ? specsOf(specs) : {};
  // What a program makes of data may be as long as they have elements, and be what another takes.
  const named = Object.values(specsOf(specs)).flatMap(({ size }) =>
    size === undefined ? [] : [size],
  );
  const variables = details.variables.map(({ name, shape }) => [name, float32(shape)] as const);
  return {
    inputs: {
      ...mapped(arrays, (spec) => float32(["batch", ...graphSizes(spec)])),
      ...mapped(inputs, sizes),
    },
    optional: Object.fromEntries(variables),
    outputs: mapped(outputs, sizes),
    sizes: {
      ...Object.fromEntries([...named, ...others].map((size) => [size, ELEMENTS])),
      ...CALL,
    },
  };
}

/** Without line breaks and tabs, which names from a file may hold. */
function inOneLine(text: string): string {
  return text.replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** A property that is made when it is first read. */
function whenAsked<T>(of: Record<string, T>, name: string, make: () => T): void {
  const define = { enumerable: true, configurable: true };
  const get = (): T => {
    const value = make();
    Object.defineProperty(of, name, { ...define, value });
    return value;
  };
  Object.defineProperty(of, name, { ...define, get });
}

/**
 * Programs as they may be run, written anew from what was understood of them.
 *
 * @param shapes the programs that answers are asked of.
 * @throws FileError naming the program, and what of it is not what this version runs.
 */
export function checkPrograms(
  models: Named<Uint8Array>,
  shapes: Named<ProgramShape>,
  details: Details,
  what: string,
): Record<string, Uint8Array> {
  const checked: Record<string, Uint8Array> = {};
  for (const [name, model] of Object.entries(models)) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (shape === undefined) {
      throw new FileError(
        `${what} has a program "${name}", which answers of the kind "${details.answers.kind}" do not have: they have ${Object.keys(shapes).join(", ")}`,
      );
    }
    try {
      whenAsked(checked, name, checkedProgram(model, contractOf(shape, details)));
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      throw new FileError(
        `${what}: its program "${name}" is none that this version writes, and was not loaded: ${inOneLine(error.message)}`,
        { cause: error },
      );
    }
  }
  return checked;
}
