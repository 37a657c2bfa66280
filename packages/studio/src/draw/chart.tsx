/**
 * A picture by Observable Plot, as wide as its place, with things to drag over it.
 */
import * as Plot from "@observablehq/plot";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

/** From values to pixels and back. */
export interface Scale {
  readonly apply: (value: number) => number;
  readonly invert: (pixel: number) => number;
}

/** Scales of what is drawn. */
export interface Scales {
  readonly x: Scale;
  readonly y: Scale;
  readonly width: number;
  readonly height: number;
}

interface ChartProps {
  readonly label: string;
  readonly height: number;
  readonly options: Plot.PlotOptions;
  /** Drawn over the picture, in its pixels. */
  readonly over?: (scales: Scales) => ComponentChildren;
  readonly onPointer?: (event: PointerEvent, scales: Scales) => void;
}

/** The width of an element, kept up to date. */
export function useWidth(usual: number) {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(usual);
  useLayoutEffect(() => {
    const { current } = ref;
    if (current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const wide = Math.round(entry?.contentRect.width ?? usual);
      if (wide > 0) setWidth(wide);
    });
    observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [ref, width] as const;
}

/** The picture. */
export function Chart({ label, height, options, over, onPointer }: ChartProps) {
  const [ref, width] = useWidth(420);
  const place = useRef<HTMLDivElement>(null);
  const drawn = useMemo(
    () => Plot.plot({ ...options, width, height, className: "plot" }),
    [options, width, height],
  );
  useLayoutEffect(() => {
    drawn.setAttribute("aria-hidden", "true");
    place.current?.replaceChildren(drawn);
  }, [drawn]);
  const scales = scalesOf(drawn, width, height);
  const heard =
    onPointer &&
    ((event: PointerEvent) => {
      onPointer(event, scales);
    });
  return (
    <div class="chart" ref={ref} style={{ height: `${height}px` }}>
      <div ref={place} role="img" aria-label={label} />
      {(over !== undefined || heard !== undefined) && (
        <svg
          class="over"
          width={width}
          height={height}
          onPointerDown={heard}
          onPointerMove={heard}
          onPointerUp={heard}
        >
          {over?.(scales)}
        </svg>
      )}
    </div>
  );
}

function scalesOf(drawn: ReturnType<typeof Plot.plot>, width: number, height: number): Scales {
  const scale = (name: "x" | "y"): Scale => {
    const found = drawn.scale(name);
    return {
      apply: (value) => Number(found?.apply(value)),
      invert: (pixel) => Number(found?.invert?.(pixel)),
    };
  };
  return { x: scale("x"), y: scale("y"), width, height };
}
