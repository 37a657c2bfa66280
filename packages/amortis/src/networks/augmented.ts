/**
 * Summary networks that are shown a model's symmetries.
 *
 * Where a transformation a of the data leaves the model as it is, p(a(Z) | θ) = p(Z | θ), a transformed simulation is as good as another
 * simulation with the same parameters. Training then sees each data set in a form drawn afresh at every step: a field on a square grid
 * in any of its eight reflections and rotations, and with either sign. Simulations go further, for nothing; answers take no longer.
 * (Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks".)
 */
import {
  flip,
  InvalidArgumentError,
  less,
  neg,
  reshape,
  staticShape,
  transpose,
  where,
  type Scope,
  type Tensor,
} from "@amortis/graph";
import * as z from "zod";
import { Settings } from "../settings/settings.js";
import { summarySlot, type SummaryNetwork } from "./network.js";

/**
 * A transformation that leaves the model as it is, whatever the parameters:
 * - `verticalFlip`: the first axis of every array the other way round (the rows of grids, the time of series);
 * - `horizontalFlip`: the second axis the other way round;
 * - `transpose`: rows for columns, of square grids;
 * - `negate`: the other sign, of data whose mean is zero.
 */
export type Symmetry = "verticalFlip" | "horizontalFlip" | "transpose" | "negate";

/** All there are. */
export const SYMMETRIES = ["verticalFlip", "horizontalFlip", "transpose", "negate"] as const;

/** The setting; each is applied to half of the data, so that once is enough. */
export const symmetriesSetting = z
  .array(z.enum(SYMMETRIES))
  .refine((all) => new Set(all).size === all.length, { error: "must not name a symmetry twice" })
  .readonly();

const TRANSFORMATIONS: Readonly<Record<Symmetry, (x: Tensor) => Tensor>> = {
  verticalFlip: (x) => flip(x, 1),
  horizontalFlip: (x) => flip(x, 2),
  transpose: (x) => transpose(x, [0, 2, 1, ...x.shape.slice(3).map((_, i) => i + 3)]),
  negate: neg,
};

const settings = new Settings(
  "summary",
  "augmented",
  z.strictObject({ symmetries: symmetriesSetting, network: summarySlot }),
  {
    // Configurations may give any network its symmetries.
    around: ({ symmetries, ...network }) =>
      symmetries === undefined ? undefined : { symmetries, network },
  },
);

/**
 * A summary network that is trained on data transformed at random, each by every symmetry with probability one half.
 *
 * @param network sees transformed data in training, and data as they are in validation and when it answers.
 * @param symmetries of the model; one that the model does not have biases its answers.
 * @throws InvalidArgumentError where a symmetry is unknown or given twice; when applied, where the data have not the axes for it.
 * @example
 * npe(field, { summary: augmented(cnn(), ["verticalFlip", "horizontalFlip", "transpose"]) })
 */
export function augmented(
  network: SummaryNetwork,
  symmetries: readonly Symmetry[],
): SummaryNetwork {
  const resolved = settings.resolve({ symmetries, network });
  return {
    kind: settings.kind,
    apply: (scope, data) => {
      for (const symmetry of symmetries) requireAxes(symmetry, data);
      const shown = scope.training
        ? symmetries.reduce((all, s) => atRandom(scope, all, s), data)
        : data;
      return network.apply(scope, shown);
    },
    describe: () => settings.describe(resolved),
  };
}
augmented.settings = settings;
augmented.from = ({ network, symmetries }: z.output<typeof settings.schema>) =>
  augmented(network, symmetries);

type Data = Readonly<Record<string, Tensor>>;

/** The arrays of half of the data sets transformed: all of a data set, or none. */
function atRandom(scope: Scope, data: Data, symmetry: Symmetry): Data {
  const batch = Number(Object.values(data)[0]?.shape[0] ?? 0);
  const chosen = less(scope.noise([batch], "uniform"), 0.5);
  return Object.fromEntries(
    Object.entries(data).map(([name, x]) => {
      const shape = staticShape(x.shape, "augmented");
      const each = reshape(chosen, [batch, ...shape.slice(1).map(() => 1)]);
      return [name, where(each, TRANSFORMATIONS[symmetry](x), x)];
    }),
  );
}

function requireAxes(symmetry: Symmetry, data: Data): void {
  for (const [name, { shape }] of Object.entries(data)) {
    const sizes = shape.slice(1);
    const fits = {
      verticalFlip: sizes.length >= 1,
      horizontalFlip: sizes.length >= 2,
      transpose: sizes.length >= 2 && sizes[0] === sizes[1],
      negate: true,
    }[symmetry];
    if (!fits) {
      throw new InvalidArgumentError(
        `augmented: "${symmetry}" needs ${symmetry === "transpose" ? "square grids" : "arrays with that axis"}, but "${name}" is [${sizes.join(", ")}]`,
      );
    }
  }
}
