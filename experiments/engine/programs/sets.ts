/**
 * Networks of sets and of irregular space, as the library has them, to two numbers with squared error: 100 elements of three numbers each, or a field at 60 places.
 */
import { adam, input, mean, Scope, square, sub, Variables } from "@amortis/graph";
import { deepSet, mlp, setTransformer, spatialGraph, type SummaryNetwork } from "amortis/extend";
import { normals, ROWS, type BenchProgram } from "./program.js";

const rho = mlp({ hidden: [128], activation: "silu" });

/** A program of a summary network of arrays with such shapes. */
function program(
  name: string,
  batch: number,
  summary: SummaryNetwork,
  shapes: Readonly<Record<string, readonly number[]>>,
): BenchProgram {
  return {
    name,
    batch,
    build() {
      const variables = new Variables();
      const scope = Scope.root(variables, "training");
      const arrays = Object.entries(shapes);
      const inputs = Object.fromEntries(
        arrays.map(([array, shape]) => [array, input(array, [batch, ...shape])]),
      );
      const target = input("target", [batch, 2]);
      const output = summary.apply(scope, inputs);
      const losses = mean(square(sub(output, target)), { axes: [1] });
      return {
        spec: { variables, losses, examples: { ...inputs, target }, optimizer: adam() },
        data: {
          target: normals("target", [ROWS, 2]),
          ...Object.fromEntries(
            arrays.map(([array, shape]) => [array, normals(array, [ROWS, ...shape])]),
          ),
        },
      };
    },
  };
}

/** φ and ρ with one hidden layer of 128, pooled by mean and maximum. */
export const deepSetProgram = program("deepset", 64, deepSet({ rho, outputs: 2 }), { y: [100, 3] });

/** Two rounds of width 64 by 16 inducing points. */
export const setTransformerProgram = program(
  "settransformer",
  64,
  setTransformer({ rho, outputs: 2 }),
  {
    y: [100, 3],
  },
);

/** Two rounds of width 32 over the 15 nearest of 60 places. */
export const graphProgram = program(
  "graph",
  32,
  spatialGraph({ neighbours: { nearest: 15 }, rho, outputs: 2 }),
  { s: [60, 2], z: [60] },
);
