/**
 * A field as a picture that can be painted: by the pointer, or by keys.
 */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { paint } from "../draw/colours.js";
import type { Tool } from "../state/store.js";

/** Cells that a brush reaches on every side, as a standard deviation. */
const RADIUS = 1.1;
/** Share of the colours' range by which one touch raises a cell. */
const STRENGTH = 0.07;

interface FieldProps {
  readonly label: string;
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly domain: readonly [number, number];
  readonly tool?: Tool;
  /** Hears what a touch of the brush does to values, or of cells that are erased or restored. */
  readonly onPaint?: (change: (values: Float64Array) => Float64Array) => void;
  readonly onErase?: (cells: readonly number[], erase: boolean) => void;
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

export function Field(props: FieldProps) {
  const { label, values, rows, columns, domain, tool = "raise", onPaint, onErase } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cursor, setCursor] = useState<Cell | undefined>(undefined);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(columns, rows);
    paint(image, values, domain);
    context.putImageData(image, 0, 0);
  });
  const touch = (at: Cell, with_: Tool): void => {
    if (with_ === "erase" || with_ === "restore") {
      onErase?.(cellsAround(at, rows, columns), with_ === "erase");
    } else {
      const amount = STRENGTH * (domain[1] - domain[0]) * (with_ === "raise" ? 1 : -1);
      onPaint?.((before) => brushed(before, at, { rows, columns, amount }));
    }
  };
  const onPointer = (event: PointerEvent): void => {
    if (event.type === "pointerdown" && event.target instanceof Element) {
      event.target.setPointerCapture(event.pointerId);
    }
    if (event.buttons === 0) return;
    event.preventDefault();
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return;
    const at = {
      row: Math.floor(((event.clientY - box.top) / box.height) * rows),
      column: Math.floor(((event.clientX - box.left) / box.width) * columns),
    };
    if (at.row >= 0 && at.row < rows && at.column >= 0 && at.column < columns) touch(at, tool);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { row, column } = cursor ?? { row: rows >> 1, column: columns >> 1 };
    const moves: Readonly<Record<string, Cell>> = {
      ArrowUp: { row: row - 1, column },
      ArrowDown: { row: row + 1, column },
      ArrowLeft: { row, column: column - 1 },
      ArrowRight: { row, column: column + 1 },
    };
    const tools: Readonly<Record<string, Tool>> = {
      "+": "raise",
      "=": "raise",
      "-": "lower",
      Delete: "erase",
      " ": tool,
    };
    const [moved, used] = [moves[event.key], tools[event.key]];
    if (moved !== undefined) {
      setCursor({
        row: Math.min(rows - 1, Math.max(0, moved.row)),
        column: Math.min(columns - 1, Math.max(0, moved.column)),
      });
    } else if (used !== undefined) touch({ row, column }, used);
    else return;
    event.preventDefault();
  };
  const painting = onPaint !== undefined;
  return (
    <div class="field">
      <canvas
        ref={canvas}
        width={columns}
        height={rows}
        class={painting ? "paintable" : ""}
        role={painting ? "application" : "img"}
        aria-label={
          painting
            ? `${label}, ${rows} by ${columns}. Arrow keys move the brush, plus raises, minus lowers.`
            : label
        }
        {...(painting && {
          tabIndex: 0,
          onPointerDown: onPointer,
          onPointerMove: onPointer,
          onKeyDown,
          onBlur: () => {
            setCursor(undefined);
          },
        })}
      />
      {cursor !== undefined && (
        <span
          class="cursor"
          style={{
            left: `${(100 * cursor.column) / columns}%`,
            top: `${(100 * cursor.row) / rows}%`,
            width: `${100 / columns}%`,
            height: `${100 / rows}%`,
          }}
        />
      )}
    </div>
  );
}

interface Brush {
  readonly rows: number;
  readonly columns: number;
  readonly amount: number;
}

/** Values after a touch of the brush, in single precision, as the networks see them. */
export function brushed(
  values: Float64Array,
  { row, column }: Cell,
  { rows, columns, amount }: Brush,
): Float64Array {
  return values.map((value, i) => {
    const [y, x] = [Math.floor(i / columns) - row, (i % columns) - column];
    if (i >= rows * columns) return value;
    return Math.fround(value + amount * Math.exp(-(x * x + y * y) / (2 * RADIUS * RADIUS)));
  });
}

function cellsAround({ row, column }: Cell, rows: number, columns: number): readonly number[] {
  return [-1, 0, 1].flatMap((dy) =>
    [-1, 0, 1].flatMap((dx) => {
      const [y, x] = [row + dy, column + dx];
      return y >= 0 && y < rows && x >= 0 && x < columns ? [y * columns + x] : [];
    }),
  );
}
