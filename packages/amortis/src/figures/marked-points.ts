/**
 * Marks of points, with their names beside them.
 */
import * as Plot from "@observablehq/plot";
import type { MarkedPoint } from "./point.js";

/** Marks of points, over everything else. */
export function markedPoints(points: readonly MarkedPoint[]): Plot.Markish[] {
  return points.flatMap(({ x, y, style, symbol, label, side = "belowRight" }) => {
    const at = [[x, y]];
    const above = side === "aboveLeft";
    const dot = Plot.dot(at, {
      x: "0",
      y: "1",
      symbol: symbol === "cross" ? "times" : symbol,
      r: 5,
      stroke: style.color,
      strokeWidth: 2,
      // Points may lie on one another.
      fill: "none",
    });
    if (label === undefined) return [dot];
    const name = (paint: Plot.TextOptions): Plot.Markish =>
      Plot.text(at, {
        x: "0",
        y: "1",
        text: [label],
        textAnchor: above ? "end" : "start",
        lineAnchor: above ? "bottom" : "top",
        dx: above ? -9 : 9,
        dy: above ? -6 : 6,
        ...paint,
      });
    // A rim in the colour of the paper, where a line runs below the letters. Not every drawing program paints it before the letters when told so:
    // it is a text of its own.
    return [
      dot,
      name({ fill: "white", stroke: "white", strokeWidth: 4 }),
      name({ fill: "#1a1a1a", stroke: "none" }),
    ];
  });
}
