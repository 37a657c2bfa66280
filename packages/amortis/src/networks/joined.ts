/**
 * Summaries of data that are of several kinds: each part by a network of its own, one after another.
 */
import { concat, InvalidArgumentError, type Named, type Scope, type Tensor } from "@amortis/graph";
import * as z from "zod";
import { presenceName } from "../data/standardization.js";
import { Settings } from "../settings/settings.js";
import { summarySlot, type SummaryNetwork } from "./network.js";

const settings = new Settings(
  "summary",
  "joinedSummary",
  z.strictObject({
    /** Networks, each with the names of the arrays that it sees. */
    parts: z
      .array(
        z.strictObject({
          arrays: z.array(z.string()).min(1).readonly(),
          network: summarySlot,
        }),
      )
      .min(1)
      .readonly(),
  }),
  { alias: "joined" },
);

/** Settings of a joined summary. */
export type JoinedSummaryOptions = z.input<typeof settings.schema>;

/**
 * Summaries of several networks, joined to one.
 *
 * @param options `parts`: networks, each with the arrays that it sees; an array may be seen by several.
 * @throws InvalidArgumentError where there is no part; when applied, where an array is not there, or is in no part.
 * @example
 * npe(model, {
 *   summary: joinedSummary({
 *     parts: [
 *       { arrays: ["trials"], network: deepSet() },
 *       { arrays: ["age", "dose"], network: mlpSummary() },
 *     ],
 *   }),
 * });
 */
export function joinedSummary(options: JoinedSummaryOptions): SummaryNetwork {
  const resolved = settings.resolve(options);
  const { parts } = resolved;
  return {
    kind: settings.kind,
    apply: (scope, data) => {
      refuseUnseen(parts, data);
      return concat(
        parts.map(({ arrays, network }, i) =>
          applyTo(scope.child(`part${i}`), network, arrays, data),
        ),
        -1,
      );
    },
    describe: () => settings.describe(resolved),
  };
}
joinedSummary.settings = settings;

/** A network on some of the arrays, with the indicators of what is there of them. */
function applyTo(
  scope: Scope,
  network: SummaryNetwork,
  arrays: readonly string[],
  data: Named,
): Tensor {
  const seen = arrays.flatMap((name) => {
    const array = data[name];
    if (array === undefined) {
      throw new InvalidArgumentError(
        `joinedSummary: there is no data array "${name}"; there are ${Object.keys(data).join(", ")}`,
      );
    }
    const present = presenceName(name);
    const indicators = data[present];
    return [
      [name, array] as const,
      ...(indicators === undefined ? [] : [[present, indicators] as const]),
    ];
  });
  return network.apply(scope, Object.fromEntries(seen));
}

function refuseUnseen(parts: JoinedSummaryOptions["parts"], data: Named): void {
  const seen = new Set(parts.flatMap(({ arrays }) => arrays));
  const indicators = new Set(Object.keys(data).map(presenceName));
  const unseen = Object.keys(data).find((name) => !seen.has(name) && !indicators.has(name));
  if (unseen === undefined) return;
  throw new InvalidArgumentError(
    `joinedSummary: no part sees the data array "${unseen}": name it in one, or drop it with a transform`,
  );
}
