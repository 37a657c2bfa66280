/** Maximum likelihood of a conditional density of D = 4 given a context of 10, batch 256. */
import { adam, input, neg, Scope, Variables } from "@amortis/graph";
import type { ConditionalDensity } from "amortis/extend";
import { normals, ROWS, type BenchProgram } from "./program.js";

const D = 4;
const CONTEXT = 10;

/** The training program of a density. */
export function flowProgram(name: string, density: ConditionalDensity): BenchProgram {
  return {
    name,
    batch: 256,
    build() {
      const variables = new Variables();
      const u = input("u", [this.batch, D]);
      const context = input("context", [this.batch, CONTEXT]);
      const losses = neg(density.logDensity(Scope.root(variables, "training"), u, context));
      return {
        spec: { variables, losses, examples: { u, context }, optimizer: adam() },
        data: { u: normals("u", [ROWS, D]), context: normals("context", [ROWS, CONTEXT]) },
      };
    },
  };
}
