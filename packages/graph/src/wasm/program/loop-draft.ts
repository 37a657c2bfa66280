/** Loops: their bodies lowered, with what they carry from turn to turn and what they stack. */
import { UnsupportedError } from "../../errors.js";
import type { OnnxGraph, OnnxNode } from "../../onnx/ir.js";
import { checkLoop, tripsOf, type Trips } from "./loops.js";
import { Lowering, type Known } from "./lowering.js";
import type { View } from "./view.js";

/** A value that a loop carries: where it begins, where a turn finds it and leaves it, and where it ends. */
export interface Carried {
  readonly initial: View;
  readonly state: View;
  readonly next: View;
  readonly final: View;
}

/** A loop before it is compiled. */
export interface LoopDraft {
  readonly kind: "loop";
  readonly trips: Trips;
  /** How often it turns, where that is known. */
  readonly count: number | undefined;
  readonly lowering: Lowering;
  readonly iteration: View;
  readonly condition: View;
  readonly carried: readonly Carried[];
  readonly stacked: readonly { readonly name: string; readonly value: View }[];
}

/**
 * Lowers a loop into the graph around it.
 *
 * @throws UnsupportedError where it is none that the engine writes.
 */
export function draftLoop(
  graph: OnnxGraph,
  node: OnnxNode,
  body: OnnxGraph,
  outer: Lowering,
): LoopDraft {
  checkLoop(body);
  const trips = tripsOf(graph, node);
  const count = trips.kind === "value" ? outer.value(trips.name).integers?.[0] : undefined;
  if (trips.kind === "value" && count === undefined) {
    throw new UnsupportedError("its number of turns is not known before the program runs");
  }
  if ((node.inputs[1] ?? "") !== "") throw new UnsupportedError("it begins with a condition");
  const given = node.inputs.slice(2).map((name) => outer.value(name));
  const lowering = new Lowering(outer);
  const [iteration, condition, ...states] = giveInputs(body, given, lowering);
  for (const { name, tensor } of body.initializers) {
    lowering.give(name, { ...tensor, view: lowering.constant(tensor) });
  }
  for (const inner of body.nodes) lowering.node(inner);
  const [goesOn, ...results] = body.outputs.map(({ name }) => lowering.view(lowering.value(name)));
  if (!iteration || !condition || goesOn?.storage.id !== condition.storage.id) {
    throw new UnsupportedError("it ends by a condition");
  }
  if (given.length !== states.length || node.outputs.length !== results.length) {
    throw new UnsupportedError("its values are not as many as those of its body");
  }
  const held = new Set([iteration, condition, ...states].map(({ storage }) => storage.id));
  const values = results.map((view) => ownValue(lowering, view, held));
  const carried = states.map((state, i) =>
    carry(outer, node.outputs[i] ?? "", given[i], state, values[i] ?? state),
  );
  const stacked = node.outputs.slice(states.length).map((name, i) => {
    if (!graph.outputs.some((output) => output.name === name)) {
      throw new UnsupportedError(`"${name}", which it stacks, is no output of the program`);
    }
    return { name, value: values[states.length + i] ?? iteration };
  });
  return { kind: "loop", trips, count, lowering, iteration, condition, carried, stacked };
}

function giveInputs(body: OnnxGraph, given: readonly Known[], lowering: Lowering): readonly View[] {
  return body.inputs.map(({ name, dtype }, i) => {
    const shape = given[i - 2]?.shape ?? [];
    const view = lowering.scratch(dtype, shape);
    lowering.give(name, { dtype, shape, view });
    return view;
  });
}

/** A result in a storage of its own: what is carried is overwritten when a turn ends. */
function ownValue(lowering: Lowering, view: View, held: ReadonlySet<number>): View {
  const { place, id } = view.storage;
  const isOwn = place.kind === "scratch" && place.region === 1 && !held.has(id);
  return isOwn ? lowering.contiguous(view) : lowering.copy(view);
}

function carry(
  outer: Lowering,
  name: string,
  first: Known | undefined,
  state: View,
  next: View,
): Carried {
  if (first === undefined || first.shape.join() !== next.shape.join()) {
    throw new UnsupportedError("a value that it carries changes its shape");
  }
  const { dtype } = state.storage;
  const final = outer.scratch(dtype, state.shape);
  outer.give(name, { dtype, shape: state.shape, view: final });
  return { initial: outer.contiguous(outer.view(first)), state, next, final };
}
