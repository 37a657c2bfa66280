/**
 * Whether a file was trained for the model that is given beside it.
 */
import { InvalidArgumentError } from "@amortis/graph";
import {
  describeSpec,
  mayLack,
  sameSpecs,
  specOf,
  specsOf,
  type ArraySpecs,
} from "../data/array-spec.js";
import type { AnyModel } from "../model/index.js";
import { withoutLink } from "../simulation/origin.js";
import type { Contents } from "./contents.js";

/** @throws InvalidArgumentError where a file was trained for another model. */
export function requireModel({ details }: Contents, model: AnyModel, what: string): void {
  const file = details.model.parameters.map((parameter) => parameter.name).join(", ");
  const given = Object.keys(model.parameters).join(", ");
  const specs = specsOf(details.model.data);
  if (file !== given || !fits(specs, model.dataSpecs)) {
    throw new InvalidArgumentError(
      `${what} was trained for the model "${details.model.name}" (parameters ${file}; data ${inWords(specs)}), not for "${model.name}" (parameters ${given}; data ${inWords(model.dataSpecs)})`,
    );
  }
  // A summary is of data alone, wherever the parameters of its simulations lay.
  if (details.answers.kind === "summary") return;
  for (const { name, prior } of details.model.parameters) {
    const own = model.parameters[name]?.toJSON();
    if (comparable(prior) === comparable(own)) continue;
    throw new InvalidArgumentError(
      `${what} was trained with the prior ${JSON.stringify(prior)} of "${name}", but the model "${model.name}" has ${JSON.stringify(own)}: load it with the model it was trained for, or train it anew`,
    );
  }
}

/** Whether data of a model are those of a file; of arrays that the file has by their sizes alone, these are the same. */
function fits(file: ArraySpecs, own: ArraySpecs): boolean {
  const known = Object.entries(own).map(([name, spec]) => [
    name,
    file[name]?.kind === "array" && !mayLack(file[name]) ? specOf(spec.shape) : spec,
  ]);
  return sameSpecs(file, Object.fromEntries(known));
}

function inWords(specs: ArraySpecs): string {
  return Object.entries(specs)
    .map(([name, spec]) => `${name} ${describeSpec(spec)}`)
    .join(", ");
}

/**
 * A prior in JSON as text, whatever the order of its settings and without its link, which changes no probability; of one that is code, only
 * that it is.
 */
function comparable(prior: unknown): string {
  return JSON.stringify(prior, (key, given: unknown) => {
    const value = withoutLink(key, given);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    if ("name" in value && value.name === "custom") return "custom";
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
