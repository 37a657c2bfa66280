/**
 * Estimators as files.
 */
import { writeContainer } from "../files/container.js";
import { FORMAT, VERSION, type Contents } from "./contents.js";

function littleEndian(weights: Float32Array): Uint8Array {
  const bytes = new Uint8Array(weights.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of weights.entries()) view.setFloat32(4 * i, value, true);
  return bytes;
}

/** The bytes of an estimator file. */
export async function encodeContents({
  details,
  programs,
  weights,
}: Contents): Promise<Uint8Array> {
  const parts: Record<string, Uint8Array> = { "weights.bin": littleEndian(weights) };
  for (const [name, model] of Object.entries(programs)) parts[`programs/${name}.onnx`] = model;
  return writeContainer(FORMAT, VERSION, { content: details, parts });
}
