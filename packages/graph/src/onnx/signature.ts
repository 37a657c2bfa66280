/**
 * Whether a node is one that the engine writes, as far as can be told without knowing its operands: of graphs that are built, so that
 * none is written which could not be read again, and of programs from files.
 */
import { EncodingError } from "../errors.js";
import type { OnnxNode } from "./ir.js";
import type { Operator } from "./operator.js";
import { operatorOf } from "./operators.js";

/**
 * The entry of a node's operator, which its operands and attributes must fit.
 *
 * @throws EncodingError where the engine writes no such node.
 */
export function checkSignature({ op, domain, inputs, outputs, attributes }: OnnxNode): Operator {
  const operator = domain === undefined ? operatorOf(op) : undefined;
  if (operator === undefined) throw new EncodingError(`no program has the operator ${op}`);
  const [least, most] = operator.operands;
  const [fewest, upTo] = operator.results ?? [1, 1];
  if (inputs.length < least || inputs.length > most) {
    throw new EncodingError(`it has ${inputs.length} operands, not ${least} to ${most}`);
  }
  if (outputs.length < fewest || outputs.length > upTo || outputs[0] === "") {
    throw new EncodingError(`it has ${outputs.length} results, not ${fewest} to ${upTo}`);
  }
  for (const [name, { type }] of Object.entries(attributes)) {
    const known = operator.attributes ?? {};
    if (!Object.hasOwn(known, name)) throw new EncodingError(`it has an attribute "${name}"`);
    if (known[name] !== type) {
      throw new EncodingError(`its attribute "${name}" is of the type ${type}, not ${known[name]}`);
    }
  }
  return operator;
}
