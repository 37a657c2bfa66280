/**
 * Points of a series, which can be dragged, moved by keys, and erased; with curves behind them.
 */
import * as Plot from "@observablehq/plot";
import { useMemo, useRef, useState } from "preact/hooks";
import { FAINT, POSTERIOR } from "../draw/colours.js";
import { Chart, type Scales } from "../draw/chart.js";
import { short } from "../draw/format.js";
import type { Tool } from "../state/store.js";

/** Share of the axis by which a key moves a point. */
const STEP = 0.02;

interface SeriesProps {
  readonly label: string;
  readonly values: Float64Array;
  readonly domain: readonly [number, number];
  readonly height?: number;
  /** Without axes, for pictures side by side. */
  readonly small?: boolean;
  /** Other data sets, drawn faint behind. */
  readonly behind?: readonly Float64Array[];
  readonly tool?: Tool;
  readonly onMove?: (index: number, value: number) => void;
  readonly onErase?: (index: number, erase: boolean) => void;
  /** Values above it are erased, or hidden by the data themselves; dragged by its own handle. */
  readonly threshold?: { readonly at: number; readonly words: string; readonly hides?: boolean };
  readonly onThreshold?: (value: number) => void;
}

export function Series(props: SeriesProps) {
  const { label, values, domain, height = 260, behind = [], small = false } = props;
  const options = useMemo(
    (): Plot.PlotOptions => ({
      ...(small ? { margin: 4 } : { marginLeft: 42, marginRight: 12 }),
      x: { label: null, domain: [-0.5, values.length - 0.5], ticks: small ? 0 : 6 },
      y: { label: null, domain: [...domain], ticks: small ? 0 : 5, clamp: true },
      marks: [
        Plot.ruleY([0], { stroke: FAINT }),
        ...behind.map((one) =>
          Plot.line(Array.from(one), {
            x: (_, i) => i,
            y: (value: number) => value,
            stroke: POSTERIOR,
            strokeOpacity: 0.22,
          }),
        ),
        ...(props.onMove === undefined
          ? [
              Plot.dot(Array.from(values), {
                x: (_, i) => i,
                y: (v: number) => v,
                fill: "currentColor",
                r: 2.5,
              }),
            ]
          : []),
      ],
    }),
    [values, domain, behind],
  );
  return (
    <Chart
      label={label}
      height={height}
      options={options}
      {...(props.onMove !== undefined && {
        over: (scales: Scales) => <Handles {...props} scales={scales} />,
      })}
    />
  );
}

function Handles({ scales, ...props }: SeriesProps & { readonly scales: Scales }) {
  const { label, values, domain, tool = "raise", onMove, onErase, threshold } = props;
  // A value that is hidden lies above what hides it; of others nothing is known.
  const gone = threshold?.hides === true ? scales.y.apply(threshold.at) : scales.height - 34;
  const [current, setCurrent] = useState(0);
  const held = useRef<number | undefined>(undefined);
  const points = useRef<(SVGElement | null)[]>([]);
  const rubbing = onErase !== undefined && (tool === "erase" || tool === "restore");
  const valueAt = (event: PointerEvent): number => {
    const box = points.current[0]?.ownerSVGElement?.getBoundingClientRect();
    return scales.y.invert(event.clientY - (box?.top ?? 0));
  };
  const act = (index: number, event: PointerEvent): void => {
    if (rubbing) onErase?.(index, tool === "erase");
    else onMove?.(index, clampTo(valueAt(event), domain));
  };
  const nearest = (event: PointerEvent): number => {
    const box = points.current[0]?.ownerSVGElement?.getBoundingClientRect();
    const at = Math.round(scales.x.invert(event.clientX - (box?.left ?? 0)));
    return Math.min(values.length - 1, Math.max(0, at));
  };
  const down = (event: PointerEvent): void => {
    if (event.currentTarget instanceof Element) {
      event.currentTarget.setPointerCapture(event.pointerId);
    }
    held.current = nearest(event);
    setCurrent(held.current);
    act(held.current, event);
  };
  const move = (event: PointerEvent): void => {
    if (event.buttons === 0 || held.current === undefined) return;
    // A rubber goes over points; a hand holds the one that it took.
    act(rubbing ? nearest(event) : held.current, event);
  };
  const onKeyDown = (index: number, event: KeyboardEvent): void => {
    const step = STEP * (domain[1] - domain[0]);
    const value = values[index] ?? Number.NaN;
    const to = { ArrowLeft: index - 1, ArrowRight: index + 1 }[event.key];
    if (to !== undefined) {
      const next = Math.min(values.length - 1, Math.max(0, to));
      setCurrent(next);
      points.current[next]?.focus();
    } else if (event.key === "ArrowUp") onMove?.(index, value + step);
    else if (event.key === "ArrowDown") onMove?.(index, value - step);
    else if (event.key === "Delete" || event.key === "Backspace") {
      onErase?.(index, !Number.isNaN(value));
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <rect
        class="catch"
        width={scales.width}
        height={scales.height}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={() => {
          held.current = undefined;
        }}
      />
      {Array.from(values, (value, i) => {
        const isGone = Number.isNaN(value);
        return (
          <circle
            key={i}
            ref={(element) => {
              points.current[i] = element;
            }}
            class={isGone ? "point gone" : "point"}
            cx={scales.x.apply(i)}
            cy={isGone ? gone : scales.y.apply(clampTo(value, domain))}
            r={isGone ? 3 : 5}
            tabindex={i === current ? 0 : -1}
            role="slider"
            aria-orientation="vertical"
            aria-label={`${label}, point ${i + 1}`}
            aria-valuemin={domain[0]}
            aria-valuemax={domain[1]}
            aria-valuenow={isGone ? domain[0] : value}
            aria-valuetext={
              isGone ? (threshold?.hides === true ? "hidden" : "missing") : short(value)
            }
            onFocus={() => {
              setCurrent(i);
            }}
            onKeyDown={(event) => {
              onKeyDown(i, event);
            }}
          />
        );
      })}
      {threshold !== undefined && <Threshold {...props} threshold={threshold} scales={scales} />}
    </>
  );
}

interface ThresholdProps extends SeriesProps {
  readonly threshold: NonNullable<SeriesProps["threshold"]>;
  readonly scales: Scales;
}

function Threshold({ threshold, onThreshold, domain, scales }: ThresholdProps) {
  const { at, words, hides = false } = threshold;
  const y = scales.y.apply(at);
  const step = STEP * (domain[1] - domain[0]);
  const onPointer = (event: PointerEvent): void => {
    if (!(event.currentTarget instanceof SVGElement)) return;
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    if (event.buttons === 0) return;
    const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect();
    onThreshold?.(clampTo(scales.y.invert(event.clientY - (box?.top ?? 0)), domain));
  };
  return (
    <g
      class="threshold"
      role="slider"
      tabindex={0}
      aria-label={hides ? "values above are hidden" : "values above are erased"}
      aria-orientation="vertical"
      aria-valuemin={domain[0]}
      aria-valuemax={domain[1]}
      aria-valuenow={at}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
      onKeyDown={(event) => {
        const moves: Readonly<Record<string, number>> = { ArrowUp: step, ArrowDown: -step };
        const by = moves[event.key];
        if (by === undefined) return;
        onThreshold?.(clampTo(at + by, domain));
        event.preventDefault();
      }}
    >
      <rect x={0} y={y - 9} width={scales.width} height={18} class="catch" />
      <line x1={42} x2={scales.width - 12} y1={y} y2={y} />
      <text x={scales.width - 14} y={y - 5} text-anchor="end">
        {words}
      </text>
    </g>
  );
}

function clampTo(value: number, [from, to]: readonly [number, number]): number {
  return Math.fround(Math.min(to, Math.max(from, value)));
}
