/** A training as it goes: losses, ranks of what is held out, and a posterior that sharpens; any epoch can be gone back to. */
import * as Plot from "@observablehq/plot";
import { histogramPanel } from "amortis/figures";
import { useMemo } from "preact/hooks";
import { Chart } from "../draw/chart.js";
import { FAINT, POSTERIOR, PRIOR, TRUTH } from "../draw/colours.js";
import { short } from "../draw/format.js";
import { curve, marginal } from "../draw/marginals.js";
import { PanelSvg } from "../views/svg.js";
import type { EpochNews } from "./types.js";
import { epochShown, history, scrubbed } from "./state.js";
import { Slider } from "../views/slider.js";

const BINS = 10;

export function Watch() {
  const all = history.value;
  const shown = epochShown.value;
  const losses = useMemo((): Plot.PlotOptions => {
    const at = shown?.epoch ?? 0;
    return {
      marginLeft: 44,
      x: { label: "epoch", ticks: 6, domain: [1, Math.max(2, all.length)] },
      y: { label: "loss", ticks: 4 },
      marks: [
        Plot.line(all, { x: "epoch", y: "trainingLoss", stroke: PRIOR, strokeDasharray: "4,3" }),
        Plot.line(all, { x: "epoch", y: "validationLoss", stroke: POSTERIOR, strokeWidth: 2 }),
        Plot.ruleX([at], { stroke: FAINT, strokeWidth: 3 }),
      ],
    };
  }, [all, shown]);
  if (shown === undefined) return null;
  return (
    <div class="watch" data-epochs={all.length} data-epoch={shown.epoch}>
      <Slider
        inline
        name="epoch"
        mark="epoch"
        about="epoch to look at"
        min={0}
        max={all.length - 1}
        value={scrubbed.value ?? all.length - 1}
        onMove={(place) => {
          scrubbed.value = place === all.length - 1 ? undefined : place;
        }}
      >
        {shown.epoch}
      </Slider>
      <p class="note">
        validation loss{" "}
        <data value={String(shown.validationLoss)} data-number="loss">
          {short(shown.validationLoss)}
        </data>{" "}
        (solid), training loss {short(shown.trainingLoss)} (dashed)
      </p>
      <Chart label="losses by epoch" height={150} options={losses} />
      <div class="pictures">
        {shown.names.map((name, k) => (
          <HeldOut key={name} shown={shown} all={all} k={k} />
        ))}
      </div>
    </div>
  );
}

function HeldOut({
  shown,
  all,
  k,
}: {
  readonly shown: EpochNews;
  readonly all: readonly EpochNews[];
  readonly k: number;
}) {
  const p = shown.names.length;
  const name = shown.names[k] ?? "";
  const domain = useMemo(() => {
    const first = marginal(all[0]?.draws ?? new Float64Array(0), p, k);
    return [Math.min(...first), Math.max(...first)] as const;
  }, [all[0]]);
  const options = useMemo((): Plot.PlotOptions => {
    const [from, to] = domain;
    const flat = { name, of: name, lower: -Infinity, upper: Infinity, from, to, whole: false };
    return {
      marginBottom: 26,
      marginLeft: 12,
      x: { label: null, ticks: 5, domain: [...domain] },
      y: { axis: null, zero: true },
      marks: [
        Plot.line(curve(marginal(shown.draws, p, k), flat), {
          x: "x",
          y: "y",
          stroke: POSTERIOR,
          strokeWidth: 2,
        }),
        Plot.ruleX([shown.truth[k] ?? NaN], {
          stroke: TRUTH,
          strokeDasharray: "4,3",
          strokeWidth: 2,
        }),
        Plot.ruleY([0], { stroke: FAINT }),
      ],
    };
  }, [shown, domain]);
  const ranks = useMemo(() => {
    const own = shown.ranks.filter((_, i) => i % p === k);
    const middle = own.length / BINS;
    const error = Math.sqrt(middle * (1 - 1 / BINS));
    return histogramPanel({
      values: own,
      domain: [0, 1],
      bins: BINS,
      band: [Math.max(0, middle - 3 * error), middle + 3 * error],
      label: `ranks of ${name}`,
      width: 300,
      height: 150,
    });
  }, [shown]);
  return (
    <figure>
      <h3>{name}</h3>
      <Chart
        label={`posterior of ${name} of a simulation held out`}
        height={120}
        options={options}
      />
      <PanelSvg panel={ranks} label={`ranks of ${name} after epoch ${shown.epoch}`} />
    </figure>
  );
}
