/** The posterior of one parameter, over its prior, with its interval; a region of it can be brushed. */
import * as Plot from "@observablehq/plot";
import { useMemo, useRef } from "preact/hooks";
import { Chart, type Scales } from "../draw/chart.js";
import { DASHES, FAINT, OVERLAYS, POSTERIOR, PRIOR, TRUTH } from "../draw/colours.js";
import { short } from "../draw/format.js";
import { curve, marginal } from "../draw/marginals.js";
import type { Answer, Card } from "../protocol/types.js";
import type { Overlay } from "../state/store.js";

interface DensityProps {
  readonly card: Card;
  readonly answer: Answer;
  readonly before: Answer | undefined;
  readonly index: number;
  readonly truth: number | undefined;
  readonly overlays: readonly Overlay[];
  readonly region: readonly [number, number] | undefined;
  readonly onRegion: (region: readonly [number, number] | undefined) => void;
}

export function Density(props: DensityProps) {
  const { card, answer, before, index, truth, overlays, region, onRegion } = props;
  const flat = card.flat[index];
  const began = useRef<number | undefined>(undefined);
  const p = card.flat.length;
  const prior = useMemo(
    () => (flat === undefined ? [] : curve(marginal(card.priorDraws, p, index), flat)),
    [card, index],
  );
  const options = useMemo((): Plot.PlotOptions | undefined => {
    if (flat === undefined) return undefined;
    const own = curve(marginal(answer.draws, p, index), flat);
    const [lower, upper] = [answer.lower[index] ?? NaN, answer.upper[index] ?? NaN];
    const others = [
      ...(before === undefined ? [] : [{ draws: before.draws, stroke: FAINT, dash: "none" }]),
      ...overlays.map(({ answer: { draws } }, i) => ({
        draws,
        stroke: OVERLAYS[i % OVERLAYS.length] ?? POSTERIOR,
        dash: DASHES[i % DASHES.length] ?? "none",
      })),
    ];
    return {
      marginLeft: 12,
      marginRight: 12,
      marginTop: 8,
      marginBottom: 26,
      x: { label: null, domain: [flat.from, flat.to], ticks: 6 },
      y: { axis: null, zero: true },
      marks: [
        Plot.areaY(
          own.filter(({ x }) => x >= lower && x <= upper),
          { x: "x", y: "y", fill: POSTERIOR, fillOpacity: 0.18 },
        ),
        Plot.line(prior, { x: "x", y: "y", stroke: PRIOR, strokeDasharray: "3,3" }),
        ...others.map(({ draws, stroke, dash }) =>
          Plot.line(curve(marginal(draws, p, index), flat), {
            x: "x",
            y: "y",
            stroke,
            strokeDasharray: dash,
            strokeWidth: 1.8,
          }),
        ),
        Plot.line(own, { x: "x", y: "y", stroke: POSTERIOR, strokeWidth: 2.2 }),
        Plot.ruleY([0], { stroke: FAINT }),
        ...(truth === undefined
          ? []
          : [Plot.ruleX([truth], { stroke: TRUTH, strokeWidth: 2, strokeDasharray: "4,3" })]),
      ],
    };
  }, [answer, before, overlays, truth, index, card]);
  if (flat === undefined || options === undefined) return null;
  const onPointer = (event: PointerEvent, scales: Scales): void => {
    const { currentTarget } = event;
    if (!(currentTarget instanceof Element)) return;
    const at = scales.x.invert(event.clientX - currentTarget.getBoundingClientRect().left);
    if (event.type === "pointerdown") {
      currentTarget.setPointerCapture(event.pointerId);
      began.current = at;
      onRegion(undefined);
    } else if (event.type === "pointermove" && event.buttons > 0 && began.current !== undefined) {
      const ends = [began.current, at].toSorted((a, b) => a - b);
      onRegion([ends[0] ?? at, ends[1] ?? at]);
    }
  };
  const mean = answer.mean[index] ?? NaN;
  const words = `${flat.name}: mean ${short(mean)}, from ${short(answer.lower[index] ?? NaN)} to ${short(answer.upper[index] ?? NaN)}`;
  return (
    <div class="density" data-density={flat.name}>
      <h3>{flat.name}</h3>
      <Chart
        label={words}
        height={130}
        options={options}
        onPointer={onPointer}
        over={(scales) =>
          region === undefined ? null : (
            <rect
              class="region"
              x={scales.x.apply(region[0])}
              width={Math.max(1, scales.x.apply(region[1]) - scales.x.apply(region[0]))}
              y={8}
              height={scales.height - 34}
            />
          )
        }
      />
      <p class="numbers-line">
        <Figure name="mean" value={mean} /> <Figure name="sd" value={answer.sd[index] ?? NaN} />{" "}
        <span class="nowrap">
          <Figure name="lower" value={answer.lower[index] ?? NaN} /> to{" "}
          <Figure name="upper" value={answer.upper[index] ?? NaN} bare />
        </span>
      </p>
    </div>
  );
}

/** A number with its name; in full for those who read the page by program. */
function Figure({
  name,
  value,
  bare = false,
}: {
  readonly name: string;
  readonly value: number;
  readonly bare?: boolean;
}) {
  const words: Readonly<Record<string, string>> = { lower: "interval" };
  return (
    <span>
      {bare ? "" : `${words[name] ?? name} `}
      <data value={String(value)} data-number={name}>
        {short(value)}
      </data>
    </span>
  );
}
