/**
 * Pictures of compared models: what numbers they show, and where.
 */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { confusion } from "../../src/diagnostics/index.js";
import {
  confusionFigure,
  confusionPanel,
  figure,
  informationPanel,
  probabilityPanel,
} from "../../src/figures/index.js";

/** Elements of a panel that match. */
function all(content: string, selector: string): readonly Element[] {
  const { document } = parseHTML(`<html><body><svg>${content}</svg></body></html>`);
  return [...document.querySelectorAll(selector)];
}

const told = confusion(
  [
    { first: 0.9, second: 0.1 },
    { first: 0.6, second: 0.4 },
    { first: 0.2, second: 0.8 },
  ],
  [0, 0, 1],
);

test("a confusion matrix has the mean probability in each cell, true models in rows", () => {
  const { content } = confusionPanel(told);
  expect(all(content, '[aria-label="cell"] rect').length).toBe(4);
  const numbers = all(content, '[aria-label="text"] text').map((one) => ({
    value: Number(one.textContent),
    place: (one.getAttribute("transform") ?? "").match(/[\d.]+/gu)?.map(Number) ?? [],
  }));
  const sorted = numbers.toSorted(
    (a, b) => (a.place[1] ?? 0) - (b.place[1] ?? 0) || (a.place[0] ?? 0) - (b.place[0] ?? 0),
  );
  expect(sorted.map(({ value }) => value)).toEqual([0.75, 0.25, 0.2, 0.8]);
});

test("a model of which there are no data has an empty row", () => {
  const { labels, matrix } = confusion([{ first: 0.9, second: 0.1 }], [0]);
  expect(all(confusionPanel({ labels, matrix }).content, '[aria-label="cell"] rect').length).toBe(
    2,
  );
});

test("calibration has a point for each bin", () => {
  const { content } = probabilityPanel(told);
  expect(all(content, '[aria-label="dot"] circle').length).toBe(told.calibration.length);
});

test("bars are as long as designs are worth", () => {
  const { content, height } = informationPanel({
    designs: [
      { label: "a", gain: 0.1, standardError: 0.01 },
      { label: "b", gain: 0.4 },
    ],
    most: Math.LN2,
  });
  const [a = 0, b = 0] = all(content, '[aria-label="bar"] rect').map((one) =>
    Number(one.getAttribute("width")),
  );
  expect(b / a).toBeCloseTo(4, 1);
  expect(height).toBe(104);
  expect(() => informationPanel({ designs: [] })).toThrow(/was given none/u);
  expect(() =>
    informationPanel({
      designs: [
        { label: "a", gain: 1 },
        { label: "a", gain: 2 },
      ],
    }),
  ).toThrow(/label of its own/u);
});

test("the figure of both says the scores", () => {
  expect(confusionFigure(told)).toContain("100.0 % right");
  expect(figure({ title: "x", rows: [{ panels: [confusionPanel(told)] }] })).toContain("<svg");
});
