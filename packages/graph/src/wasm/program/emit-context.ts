/** What the lowering of one operator asks of its node. */
import { UnsupportedError } from "../../errors.js";
import type { NodeView } from "../../onnx/operator.js";
import type { EmitContext } from "./lowering.js";
import type { View } from "./view.js";

/** The node as rules of shapes see it. */
export function nodeView({ operands, attributes, results }: EmitContext): NodeView {
  return { operands, attributes, results: results.length };
}

/** Where an operand lies. */
export function operandView({ lowering, operands, op }: EmitContext, at = 0): View {
  const operand = operands[at];
  if (operand === undefined) throw new UnsupportedError(`${op} lacks its operand ${at}`);
  return lowering.view(operand);
}

export function attribute({ attributes }: EmitContext, name: string, otherwise: number): number {
  const value = attributes[name];
  return typeof value === "number" ? value : otherwise;
}

export function resultOf({ results, op }: EmitContext): {
  readonly dtype: View["storage"]["dtype"];
  readonly shape: readonly number[];
} {
  const [result] = results;
  if (result === undefined) throw new UnsupportedError(`${op} gives nothing`);
  return result;
}
