/** Other priors: dragged, and the posterior is reweighted as they move. */
import * as Plot from "@observablehq/plot";
import type { DistributionJson } from "amortis/extend";
import { useMemo } from "preact/hooks";
import { Chart, type Scales } from "../draw/chart.js";
import { FAINT, POSTERIOR, PRIOR } from "../draw/colours.js";
import { short } from "../draw/format.js";
import { curve, marginal } from "../draw/marginals.js";
import { densityOf, fromHandles, handlesOf, startPrior } from "../draw/prior-curve.js";
import type { FlatParameter } from "../protocol/types.js";
import { answer, card, priors } from "../state/store.js";
import { setPrior } from "../state/actions.js";

export function PriorTab() {
  const { value: opened } = card;
  if (opened === undefined) return null;
  return (
    <div class="priors">
      <p class="note">
        Give a parameter another prior and drag it: the middle moves it, the side widens it. The
        draws are weighted anew; the Pareto k says whether the weights can be trusted.
      </p>
      {opened.parameters.map(({ name, words, scalar }) => {
        const flat = opened.flat.find(({ of }) => of === name);
        if (!scalar || flat === undefined) {
          return (
            <p key={name} class="note">
              {name} ~ {words}: only priors of one number can be dragged.
            </p>
          );
        }
        return <OnePrior key={name} flat={flat} words={words} prior={priors.value[name]} />;
      })}
    </div>
  );
}

interface OnePriorProps {
  readonly flat: FlatParameter;
  readonly words: string;
  readonly prior: DistributionJson | undefined;
}

function OnePrior({ flat, words, prior }: OnePriorProps) {
  const { name } = flat;
  return (
    <div class="prior" data-prior={name}>
      <h3>{name}</h3>
      <label class="inline">
        <input
          type="checkbox"
          checked={prior !== undefined}
          onChange={({ currentTarget }) => {
            setPrior(name, currentTarget.checked ? startPrior(flat) : undefined);
          }}
        />
        <span>{prior === undefined ? `as trained: ${words}` : describe(prior)}</span>
      </label>
      {prior !== undefined && <Draggable flat={flat} prior={prior} />}
    </div>
  );
}

function describe(prior: DistributionJson): string {
  const { middle, side } = handlesOf(prior);
  return `normal, mean ${short(middle)}, sd ${short(side - middle)}, cut off at the bounds`;
}

function Draggable({
  flat,
  prior,
}: {
  readonly flat: FlatParameter;
  readonly prior: DistributionJson;
}) {
  const { value: opened } = card;
  const shown = answer.value;
  const options = useMemo((): Plot.PlotOptions => {
    const k = opened?.flat.findIndex(({ name }) => name === flat.name) ?? 0;
    const own = shown && opened ? curve(marginal(shown.draws, opened.flat.length, k), flat) : [];
    const top = Math.max(1e-9, ...own.map(({ y }) => y));
    const dragged = densityOf(prior, flat);
    const most = Math.max(1e-9, ...dragged.map(({ y }) => y));
    return {
      marginLeft: 12,
      marginRight: 12,
      marginBottom: 26,
      x: { label: null, domain: [flat.from, flat.to], ticks: 6 },
      y: { axis: null, domain: [0, 1.08] },
      marks: [
        Plot.line(own, { x: "x", y: (one: { y: number }) => one.y / top, stroke: POSTERIOR }),
        Plot.areaY(dragged, {
          x: "x",
          y: (one: { y: number }) => one.y / most,
          fill: PRIOR,
          fillOpacity: 0.25,
        }),
        Plot.line(dragged, {
          x: "x",
          y: (one: { y: number }) => one.y / most,
          stroke: PRIOR,
          strokeWidth: 2,
        }),
        Plot.ruleY([0], { stroke: FAINT }),
      ],
    };
  }, [prior, shown]);
  return (
    <Chart
      label={`the prior of ${flat.name}, over its posterior`}
      height={150}
      options={options}
      over={(scales) => <Grips flat={flat} prior={prior} scales={scales} />}
    />
  );
}

function Grips({
  flat,
  prior,
  scales,
}: {
  readonly flat: FlatParameter;
  readonly prior: DistributionJson;
  readonly scales: Scales;
}) {
  const { middle, side } = handlesOf(prior);
  const step = (flat.to - flat.from) / 100;
  const set = (at: { readonly middle: number; readonly side: number }): void => {
    setPrior(flat.of, fromHandles(at, flat));
  };
  const grips = [
    {
      grip: "middle",
      words: `mean of the prior of ${flat.name}`,
      at: middle,
      y: scales.y.apply(1),
      move: (to: number) => {
        set({ middle: to, side: to + side - middle });
      },
    },
    {
      grip: "side",
      words: `mean plus sd of the prior of ${flat.name}`,
      at: side,
      y: scales.y.apply(Math.exp(-0.5)),
      move: (to: number) => {
        set({ middle, side: to });
      },
    },
  ] as const;
  return (
    <>
      {grips.map(({ grip, words, at, y, move }) => (
        <circle
          key={grip}
          class="grip"
          data-grip={grip}
          cx={scales.x.apply(at)}
          cy={y}
          r={8}
          role="slider"
          tabindex={0}
          aria-label={words}
          aria-valuemin={flat.from}
          aria-valuemax={flat.to}
          aria-valuenow={at}
          aria-valuetext={short(at)}
          onPointerDown={({ currentTarget, pointerId }) => {
            currentTarget.setPointerCapture(pointerId);
          }}
          onPointerMove={(event) => {
            if (event.buttons === 0) return;
            const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect();
            const to = scales.x.invert(event.clientX - (box?.left ?? 0));
            move(Math.min(flat.to, Math.max(flat.from, to)));
          }}
          onKeyDown={(event) => {
            const by = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step }[
              event.key
            ];
            if (by === undefined) return;
            move(at + by);
            event.preventDefault();
          }}
        />
      ))}
    </>
  );
}
