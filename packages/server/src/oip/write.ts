/**
 * Answers of the Open Inference Protocol: JSON, perhaps with the numbers as bytes behind it.
 */
import { nestedJson, toJson } from "../numbers.js";
import { Problem } from "../problems.js";
import type { Check } from "../questions.js";
import type { InferRequest } from "./schemas.js";
import type { OutTensor } from "./tensors.js";

/** An answer: the JSON, and the bytes behind it, if any. */
export interface Written {
  readonly json: Buffer;
  readonly bytes: readonly Uint8Array[];
}

/** @throws Problem where an output is asked for that there is not. */
export function writeResponse(
  about: { readonly name: string; readonly version: string },
  request: InferRequest,
  tensors: readonly OutTensor[],
  check: Check,
): Written {
  const asked = request.outputs ?? [];
  const wanted =
    asked.length === 0 ? tensors.map(({ name }) => ({ name, parameters: undefined })) : asked;
  const allBinary = request.parameters?.["binary_data_output"] === true;
  const bytes: Uint8Array[] = [];
  const outputs = wanted.map(({ name, parameters }) => {
    const tensor = tensors.find((one) => one.name === name);
    if (tensor === undefined) {
      throw new Problem(
        "bad-data",
        `there is no output "${name}"; there are ${tensors.map((one) => one.name).join(", ")}`,
      );
    }
    const head = {
      name,
      shape: tensor.shape,
      datatype: tensor.data instanceof Float32Array ? "FP32" : "FP64",
    };
    if (!((parameters?.["binary_data"] ?? allBinary) === true)) {
      // As one list, in row-major order.
      return `${toJson(head).slice(0, -1)},"data":${nestedJson(tensor.data, [tensor.data.length])}}`;
    }
    const { buffer, byteOffset, byteLength } = tensor.data;
    bytes.push(new Uint8Array(buffer, byteOffset, byteLength));
    return toJson({ ...head, parameters: { binary_data_size: byteLength } });
  });
  const head = {
    ...(request.id !== undefined && { id: request.id }),
    model_name: about.name,
    model_version: about.version,
    parameters: parametersOf(check),
  };
  const json = `${toJson(head).slice(0, -1)},"outputs":[${outputs.join(",")}]}`;
  return { json: Buffer.from(json), bytes };
}

/** The check of the data, as every answer carries it. */
function parametersOf({ typicality, warnings, refused }: Check) {
  return {
    ...(typicality !== undefined && { typicality }),
    refused,
    warnings: warnings.length,
    ...(warnings.length > 0 && { warning: warnings.join("\n") }),
  };
}
