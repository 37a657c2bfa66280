import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import {
  densityPanel,
  figure,
  gridPanel,
  recoveryPanel,
  saveFigure,
  styles,
} from "../../src/reports/index.js";

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
    // [0, 0.6] goes over the panel less its margins: 480 - 52 - 20 across, 360 - 42 - 20 down.
    const circles = all(svg, '[aria-label="dot"] circle');
    expect(Number(circles[0]?.getAttribute("cx"))).toBeCloseTo(52 + (408 * 0.1) / 0.6, 1);
    expect(Number(circles[0]?.getAttribute("cy"))).toBeCloseTo(20 + 298 * (1 - 0.1 / 0.6), 1);
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
