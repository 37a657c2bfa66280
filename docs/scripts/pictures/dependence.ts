/**
 * Pictures of learned summaries that are told by how they go along with the parameters: beside the mean, which is sufficient.
 */
import { distanceCorrelationSummary, fisherInformationSummary, train } from "amortis";
import { curvesPanel, palette } from "amortis/figures";
import { mean } from "./models.js";
import { save, TRAINING } from "./parts.js";
import { dot, ofMeans } from "./summaries.js";

const SETTINGS = { ...TRAINING, simulations: 10_000, epochs: 12 } as const;
const PANEL = {
  width: 460,
  height: 320,
  xLabel: "sample mean, which is sufficient",
  yLabel: "learned summary",
} as const;

export async function drawDistanceCorrelation(): Promise<void> {
  const { means, learnedNumbers } = await ofMeans(
    await train(distanceCorrelationSummary(mean), SETTINGS),
  );
  const curve = { x: means, y: learnedNumbers, style: dot, points: true, opacity: 0.6 };
  await save("distance-correlation-summary", {
    title: "Large distance correlation, beside the mean",
    rows: [{ panels: [curvesPanel({ ...PANEL, curves: [curve] })] }],
  });
}

/** Where the parameter is known to lie. */
const AROUND = [-0.5, 0.5] as const;

export async function drawFisherInformation(): Promise<void> {
  const method = fisherInformationSummary(mean, { around: { mu: AROUND } });
  const { means, learnedNumbers } = await ofMeans(await train(method, SETTINGS));
  const [lower, upper] = [Math.min(...learnedNumbers), Math.max(...learnedNumbers)];
  const region = {
    x: AROUND,
    lower: [lower, lower],
    upper: [upper, upper],
    style: { color: palette.grey },
  };
  const curve = { x: means, y: learnedNumbers, style: dot, points: true, opacity: 0.6 };
  await save("fisher-information-summary", {
    title: "Large Fisher information, beside the mean",
    rows: [
      {
        legend: [
          {
            label: "where the parameter is known to lie",
            style: { color: palette.grey },
            mark: "area",
          },
        ],
        panels: [curvesPanel({ ...PANEL, bands: [region], curves: [curve] })],
      },
    ],
  });
}
