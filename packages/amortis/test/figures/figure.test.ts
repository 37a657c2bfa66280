import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import {
  curvesPanel,
  densityPanel,
  edgesOf,
  figure,
  gridKey,
  gridPanel,
  palette,
  recoveryPanel,
  saveFigure,
  styles,
} from "../../src/figures/index.js";

/** Elements of a figure that match. */
function all(svg: string, selector: string): readonly Element[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`);
  return [...document.querySelectorAll(selector)];
}

const recovery = recoveryPanel({
  title: "A & B",
  truth: [0.1, 0.2, 0.3],
  estimate: [0.1, 0.25, 0.31],
  lower: [0, 0.22, 0.2],
  upper: [0.2, 0.3, 0.4],
  domain: [0, 0.6],
});

describe("a recovery panel", () => {
  const svg = figure({ title: "x", rows: [{ panels: [recovery] }] });

  it("marks the intervals that miss their truth by shape as well as by colour", () => {
    expect(all(svg, '[aria-label="dot"] circle').length).toBe(2);
    const diamonds = all(svg, '[aria-label="dot"] path');
    expect(diamonds.length).toBe(1);
    expect(diamonds[0]?.parentElement?.getAttribute("stroke")).toBe(styles.miss.color);
  });

  it("puts points where the axes say", () => {
    // [0, 0.6] goes over the panel less its margins: 480 - 52 - 20 across, 360 - 42 - 8 down.
    const circles = all(svg, '[aria-label="dot"] circle');
    expect(Number(circles[0]?.getAttribute("cx"))).toBeCloseTo(52 + (408 * 0.1) / 0.6, 1);
    expect(Number(circles[0]?.getAttribute("cy"))).toBeCloseTo(8 + 310 * (1 - 0.1 / 0.6), 1);
  });
});

describe("a picture with axes", () => {
  const picture = gridPanel({
    values: [0, 1, 2, 3, 4, 5],
    columns: 3,
    domain: [0, 5],
    axes: { x: [0, 3], y: [-1, 1], xLabel: "θ", yLabel: "Z" },
    width: 254,
    height: 248,
  });
  const svg = figure({ title: "x", rows: [{ panels: [picture] }] });

  it("has its first row below where its axis says so, and names its axes", () => {
    const cells = all(svg, '[aria-label="rect"] rect');
    expect(cells.length).toBe(6);
    // Three columns over 254 - 44 - 10 and two rows over 248 - 8 - 40, less the overlap.
    expect(Number(cells[0]?.getAttribute("x"))).toBeCloseTo(44 - 0.3, 5);
    expect(Number(cells[0]?.getAttribute("y"))).toBeCloseTo(8 + 100 - 0.3, 5);
    expect(Number(cells[5]?.getAttribute("y"))).toBeCloseTo(8 - 0.3, 5);
    expect(all(svg, "text").map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining(["θ", "Z", "0", "3", "−1.0", "1.0"]),
    );
  });

  it("has a key in the same colours", () => {
    const key = figure({
      title: "x",
      rows: [{ panels: [gridKey({ domain: [0, 5], label: "a unit", height: 248 })] }],
    });
    expect(all(key, "text").map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining(["a unit", "0", "5"]),
    );
    const colours = all(key, '[aria-label="rect"] rect').map((bar) => bar.getAttribute("fill"));
    expect(new Set(colours).size).toBe(colours.length);
  });

  it("has ends half a cell beyond its midpoints, without what rounding leaves", () => {
    const midpoints = Array.from({ length: 60 }, (_, i) => ((i + 0.5) / 60) * 0.6);
    expect(edgesOf(midpoints)).toEqual([0, 0.6]);
    expect(edgesOf([-1.5, -0.5, 0.5])).toEqual([-2, 1]);
  });
});

describe("curves", () => {
  const x = [1, 10, 100];
  const panel = curvesPanel({
    curves: [{ x, y: [1, 2, 3], style: styles.approximate }],
    bands: [{ x, lower: [0, 1, 2], upper: [2, 3, 4], style: styles.exact }],
    points: [
      {
        x: 10,
        y: 2,
        style: { color: palette.green },
        symbol: "diamond",
        label: "ten",
        side: "aboveLeft",
      },
    ],
    xLabel: "x",
    yLabel: "y",
    xLog: true,
    xDomain: [1, 100],
    yDomain: [0, 5],
  });
  const svg = figure({ title: "x", rows: [{ panels: [panel] }] });

  it("have bands below them, and names at their points", () => {
    expect(all(svg, '[aria-label="area"] path').length).toBe(1);
    expect(all(svg, "text").map(({ textContent }) => textContent)).toContain("ten");
    expect(all(svg, `[stroke="${palette.green}"]`).length).toBe(1);
  });

  it("have more than the powers of ten on a short logarithmic axis", () => {
    expect(all(svg, "text").map(({ textContent }) => textContent)).toEqual(
      expect.arrayContaining(["1", "2", "5", "10", "20", "50", "100"]),
    );
  });
});

describe("a figure", () => {
  const x = [0, 0.5, 1];
  const density = densityPanel({
    curves: [
      { x, density: [0, 2, 0], style: styles.approximate },
      { x, density: [1, 1, 1], style: styles.exact },
    ],
    truth: 0.4,
    label: "θ",
  });
  const grid = gridPanel({ values: [0, 1, 2, 3, 4, 5], columns: 3, domain: [0, 5] });
  const svg = figure({
    title: "a < b & c",
    subtitle: "one line",
    rows: [
      { title: "first", legend: [{ label: "exact", style: styles.exact }], panels: [recovery] },
      { panels: [density, grid] },
    ],
  });

  it("holds its panels, titles and legends, and says so in well-formed SVG of a stated size", () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="\d+" height="\d+"/);
    expect(svg).toContain("a &lt; b &amp; c");
    expect(svg).toContain("A &amp; B");
    expect(svg).not.toMatch(/<style|NaN|undefined/);
    expect(all(svg, '[aria-label="cell"] rect').length).toBe(6);
    expect(all(svg, `[stroke="${styles.exact.color}"][stroke-dasharray]`).length).toBe(2);
  });

  it("is wide and high enough for what is in it", () => {
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    expect(Number(width)).toBeGreaterThanOrEqual(480 + 480 + 20);
    expect(Number(height)).toBeGreaterThanOrEqual(360 + 360 + 40);
  });

  it("is the same each time", () => {
    const draw = (): string => {
      const grid = gridPanel({ values: [0, 1, 2, 3], columns: 2, domain: [0, 3] });
      return figure({
        title: "x",
        rows: [{ panels: [grid, recoveryPanel({ truth: [0, 1], estimate: [0, 1] })] }],
      });
    };
    expect(draw()).toBe(draw());
  });

  it("is written as SVG only, whole", async () => {
    const directory = await mkdtemp(join(tmpdir(), "amortis-figure-"));
    try {
      await saveFigure(join(directory, "a.svg"), svg);
      expect(await readFile(join(directory, "a.svg"), "utf8")).toBe(svg);
      await expect(saveFigure(join(directory, "a.png"), svg)).rejects.toThrow(/\.svg/);
      expect(await readdir(directory)).toEqual(["a.svg"]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
