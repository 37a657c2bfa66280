/** Recovery and ranks over simulations of the prior: a click on a point or a bar opens that data set. */
import { histogramPanel, palette, recoveryPanel, type Panel } from "amortis/figures";
import { useSignal } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import { percent, short } from "../draw/format.js";
import type { Study } from "../protocol/types.js";
import { openSimulated } from "../state/actions.js";
import { engine } from "../state/engine.js";
import { card, guarded, level, study } from "../state/store.js";
import { ErrorAt } from "./error.js";
import { PanelSvg } from "./svg.js";

const SIMULATIONS = 200;
const BINS = 10;
/** Standard errors that a bar keeps to: all of ten do in 97 % of cases. */
const REACH = 3;

export function Calibration() {
  const busy = useSignal(false);
  const chosen = useSignal(0);
  const { value: opened } = card;
  if (opened === undefined) return null;
  const run = async (): Promise<void> => {
    busy.value = true;
    await guarded("calibration", async () => {
      study.value = await engine().study({
        estimator: opened.id,
        simulations: SIMULATIONS,
        seed: 1,
        level: level.value,
      });
    });
    busy.value = false;
  };
  return (
    <div class="calibration">
      <div class="row">
        <button type="button" data-action="study" disabled={busy.value} onClick={() => void run()}>
          {busy.value ? "Answering …" : `Answer ${SIMULATIONS} simulations of the prior`}
        </button>
        {opened.flat.length > 1 && (
          <label class="inline">
            <span>of</span>
            <select
              aria-label="parameter"
              value={chosen.value}
              onChange={({ currentTarget }) => {
                chosen.value = Number(currentTarget.value);
              }}
            >
              {opened.flat.map(({ name }, k) => (
                <option key={name} value={k}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <ErrorAt place="calibration" />
      {study.value !== undefined && <Panels study={study.value} index={chosen.value} />}
    </div>
  );
}

function Panels({ study, index }: { readonly study: Study; readonly index: number }) {
  const p = study.names.length;
  const name = study.names[index] ?? "";
  const column = (values: Float64Array): Float64Array => values.filter((_, i) => i % p === index);
  const parts = useMemo(() => {
    const [truth, estimate, lower, upper, ranks] = [
      study.theta,
      study.mean,
      study.lower,
      study.upper,
      study.ranks,
    ].map(column) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
    const hits = Array.from(
      truth,
      (value, i) => value >= (lower[i] ?? NaN) && value <= (upper[i] ?? NaN),
    );
    return { truth, estimate, lower, upper, ranks, hits };
  }, [study, index]);
  const { truth, estimate, lower, upper, ranks, hits } = parts;
  const order = [
    ...hits.flatMap((hit, i) => (hit ? [i] : [])),
    ...hits.flatMap((hit, i) => (hit ? [] : [i])),
  ];
  const n = truth.length;
  const recovery = useMemo(
    () =>
      recoveryPanel({
        truth,
        estimate,
        lower,
        upper,
        truthLabel: `true ${name}`,
        estimateLabel: "posterior mean",
        width: 420,
        height: 320,
      }),
    [parts],
  );
  const open = useCallback(
    (place: number) => {
      const i = order[place];
      if (i !== undefined) openStudied(study, i);
    },
    [parts],
  );
  const inside = hits.filter(Boolean).length;
  return (
    <div class="pictures">
      <figure>
        <PanelSvg
          panel={recovery}
          label={`recovery of ${name}: click a point to open its data set`}
          parts={(svg) => {
            const dots = [
              ...svg.querySelectorAll('[data-mark="dot"] circle, [data-mark="dot"] path'),
            ];
            return dots.map((dot, k) => [
              dot,
              `data set ${(order[k] ?? 0) + 1}: true ${short(truth[order[k] ?? 0] ?? NaN)}, mean ${short(estimate[order[k] ?? 0] ?? NaN)}`,
            ]);
          }}
          onPick={open}
        />
        <figcaption>
          {inside} of {n} truths ({percent(inside / n)}) lie in their {percent(level.value)}{" "}
          intervals.
        </figcaption>
      </figure>
      <Ranks study={study} ranks={ranks} name={name} />
    </div>
  );
}

function Ranks({
  study,
  ranks,
  name,
}: {
  readonly study: Study;
  readonly ranks: Float64Array;
  readonly name: string;
}) {
  const inBar = useSignal<readonly number[]>([]);
  const n = ranks.length;
  const panel = useMemo((): Panel => {
    const [middle, error] = [n / BINS, Math.sqrt((n / BINS) * (1 - 1 / BINS))];
    return histogramPanel({
      values: ranks,
      domain: [0, 1],
      bins: BINS,
      band: [Math.max(0, middle - REACH * error), middle + REACH * error],
      label: `rank of the true ${name} among the draws`,
      width: 420,
      height: 320,
    });
  }, [ranks]);
  const members = (bar: number): readonly number[] =>
    Array.from(ranks, (rank, i) => [Math.min(BINS - 1, Math.floor(rank * BINS)), i] as const)
      .filter(([bin]) => bin === bar)
      .map(([, i]) => i);
  const pick = useCallback(
    (bar: number) => {
      inBar.value = members(bar);
      const [first] = inBar.value;
      if (first !== undefined) openStudied(study, first);
    },
    [ranks],
  );
  return (
    <figure>
      <PanelSvg
        panel={panel}
        label={`ranks of ${name}: click a bar to open its data sets`}
        parts={(svg) =>
          [...svg.querySelectorAll('[data-mark="rect"]')]
            .filter((group) => group.getAttribute("fill") !== palette.grey)
            .flatMap((group) => [...group.querySelectorAll("rect")])
            .map((bar, k) => [bar, `bar ${k + 1}: ${members(k).length} data sets`])
        }
        onPick={pick}
      />
      <figcaption>
        Ranks of a calibrated posterior are uniform: bars stay in the grey band.
        {inBar.value.length > 0 && (
          <span class="members">
            {" "}
            In this bar:{" "}
            {inBar.value.slice(0, 20).map((i) => (
              <button
                key={i}
                type="button"
                class="link"
                onClick={() => {
                  openStudied(study, i);
                }}
              >
                {i + 1}
              </button>
            ))}
          </span>
        )}
      </figcaption>
    </figure>
  );
}

function openStudied(study: Study, i: number): void {
  const data = study.data[i];
  if (data !== undefined) openSimulated(data, study.data, i);
}
