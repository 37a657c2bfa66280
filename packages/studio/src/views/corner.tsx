/** Draws in pairs of parameters, on a canvas: points are many. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { useWidth } from "../draw/chart.js";
import { marginal } from "../draw/marginals.js";
import { answer, card, truth } from "../state/store.js";
import { shownTheme } from "../state/theme.js";
import type { FlatParameter } from "../protocol/types.js";

/** Parameters that there is room for. */
const MOST = 6;
const ROOM = { left: 30, bottom: 24 } as const;
const GAP = 8;

export function Corner() {
  const [ref, width] = useWidth(520);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [opened, shown] = [card.value, answer.value];
  const at = truth.value;
  const flat = opened?.flat.slice(0, MOST) ?? [];
  const size = Math.min(width, 150 * Math.max(2, flat.length) + ROOM.left);
  useLayoutEffect(() => {
    const { current } = canvas;
    const context = current?.getContext("2d");
    if (!current || !context || shown === undefined || opened === undefined) return;
    const ratio = devicePixelRatio;
    current.width = size * ratio;
    current.height = size * ratio;
    context.scale(ratio, ratio);
    const style = getComputedStyle(current);
    const columns = flat.map((_, k) => marginal(shown.draws, opened.flat.length, k));
    draw(context, { size, flat, columns, truth: at, style });
  }, [shown, size, at, shownTheme.value]);
  if (opened === undefined || shown === undefined) return null;
  return (
    <div ref={ref}>
      <canvas
        ref={canvas}
        class="corner"
        style={{ width: `${size}px`, height: `${size}px` }}
        role="img"
        aria-label={`draws of ${flat.map(({ name }) => name).join(", ")} in pairs; the table has their numbers`}
      />
      {opened.flat.length > MOST && (
        <p class="note">
          The first {MOST} of {opened.flat.length} parameters.
        </p>
      )}
    </div>
  );
}

interface Drawing {
  readonly size: number;
  readonly flat: readonly FlatParameter[];
  readonly columns: readonly Float64Array[];
  readonly truth: readonly number[] | undefined;
  readonly style: CSSStyleDeclaration;
}

function draw(
  context: CanvasRenderingContext2D,
  { size, flat, columns, truth, style }: Drawing,
): void {
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const [across, down] = [(size - ROOM.left) / flat.length, (size - ROOM.bottom) / flat.length];
  const [inner, high] = [across - GAP, down - GAP];
  const place = (k: number, value: number): number => {
    const { from = 0, to = 1 } = flat[k] ?? {};
    return ((value - from) / (to - from)) * inner;
  };
  context.clearRect(0, 0, size, size);
  context.font = "12px system-ui, sans-serif";
  for (const [row, values] of columns.entries()) {
    const top = row * down;
    for (let column = 0; column <= row; column++) {
      const left = ROOM.left + column * across;
      context.save();
      context.translate(left, top);
      context.strokeStyle = colour("--line");
      context.strokeRect(0, 0, inner, high);
      context.beginPath();
      context.rect(0, 0, inner, high);
      context.clip();
      context.fillStyle = colour("--posterior");
      if (column === row) histogram(context, values, (value) => place(row, value), [inner, high]);
      else {
        context.globalAlpha = 0.3;
        const across = columns[column] ?? values;
        for (let i = 0; i < values.length; i++) {
          const y = high - (place(row, values[i] ?? NaN) / inner) * high;
          context.fillRect(place(column, across[i] ?? NaN) - 1, y - 1, 2, 2);
        }
        context.globalAlpha = 1;
      }
      if (truth !== undefined) {
        context.strokeStyle = colour("--truth");
        context.lineWidth = 1.5;
        context.setLineDash([4, 3]);
        context.beginPath();
        const x = place(column, truth[column] ?? NaN);
        context.moveTo(x, 0);
        context.lineTo(x, high);
        if (column < row) {
          const y = high - (place(row, truth[row] ?? NaN) / inner) * high;
          context.moveTo(0, y);
          context.lineTo(inner, y);
        }
        context.stroke();
      }
      context.restore();
    }
    context.fillStyle = colour("--text");
    context.textAlign = "center";
    context.save();
    context.translate(14, top + high / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(flat[row]?.name ?? "", 0, 0);
    context.restore();
    context.fillText(flat[row]?.name ?? "", ROOM.left + row * across + inner / 2, size - 6);
  }
}

const BINS = 40;

function histogram(
  context: CanvasRenderingContext2D,
  values: Float64Array,
  place: (value: number) => number,
  [wide, high]: readonly [number, number],
): void {
  const counts = new Float64Array(BINS);
  for (const value of values) {
    const bin = Math.floor((place(value) / wide) * BINS);
    if (bin >= 0 && bin < BINS) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  for (const [i, count] of counts.entries()) {
    const tall = (count / most) * (high - 6);
    context.fillRect((i * wide) / BINS, high - tall, wide / BINS - 0.5, tall);
  }
}
