/**
 * Pictures of methods whose answer is a posterior, beside the exact one.
 */
import {
  abc,
  anyToAny,
  modelPosterior,
  npe,
  nle,
  normal,
  nre,
  splineCoupling,
  telescoping,
  train,
  truncatedRounds,
  variational,
  type Posterior,
} from "amortis";
import { contourPanel, styles } from "amortis/figures";
import { line, LINE_TRUTH, squared } from "./models.js";
import {
  column,
  densities,
  exact,
  exactLine,
  learned,
  lineData,
  linePanels,
  other,
  save,
  TRAINING,
  truth,
} from "./parts.js";

/** The posterior of the line beside the exact one. */
async function besideExact(
  name: string,
  title: string,
  posterior: Posterior<typeof line.parameters>,
): Promise<void> {
  const answers = [
    { posterior: await exactLine(), style: styles.exact },
    { posterior, style: styles.approximate },
  ];
  await save(name, {
    title,
    rows: [{ legend: [learned, exact, truth], panels: linePanels(answers) }],
  });
}

export async function drawNpe(): Promise<void> {
  const estimator = await train(npe(line, { members: 1, emulations: 0 }), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 20,
  });
  const posterior = await estimator.given(lineData, { samples: 8_000 });
  await besideExact("npe", "Posterior estimation: one network, 10,000 simulations", posterior);
}

export async function drawTelescoping(): Promise<void> {
  const estimator = await train(telescoping(line), {
    ...TRAINING,
    simulations: 10_000,
    epochs: 12,
  });
  const posterior = await estimator.given(lineData, { samples: 8_000 });
  await besideExact("telescoping", "A ratio for each parameter, 10,000 simulations", posterior);
}

export async function drawAbc(): Promise<void> {
  const estimator = await train(abc(line), { ...TRAINING, simulations: 20_000, epochs: 8 });
  const posterior = await estimator.given(lineData, { samples: 8_000 });
  await besideExact("abc", "A table of 20,000 simulations", posterior);
}

export async function drawNre(): Promise<void> {
  const estimator = await train(nre(line), { ...TRAINING, simulations: 10_000, epochs: 12 });
  const posterior = await estimator.given(lineData, { samples: 8_000 });
  await besideExact("nre", "Posterior by a ratio on a grid, 10,000 simulations", posterior);
}

/** A likelihood learned once, under two priors. */
export async function drawNle(): Promise<void> {
  const estimator = await train(nle(line), { ...TRAINING, simulations: 10_000, epochs: 12 });
  const posterior = await estimator.given(lineData, { samples: 8_000 });
  const narrow = await posterior.under({ slope: normal(0, 0.2) });
  const own = await modelPosterior(line, lineData, { samples: 8_000 });
  const exactNarrow = await own.at(0).under({ slope: normal(0, 0.2) });
  const answers = [
    { posterior: own.at(0), style: styles.exact },
    { posterior: exactNarrow, style: styles.exact },
    { posterior, style: styles.approximate },
    { posterior: narrow, style: other },
  ];
  await save("nle", {
    title: "One learned likelihood, two priors, 10,000 simulations",
    rows: [
      {
        legend: [learned, { label: "learned, slope ~ normal(0, 0.2)", style: other }, exact, truth],
        panels: linePanels(answers),
      },
    ],
  });
}

/** Two modes: a Gaussian keeps one. */
export async function drawVariational(): Promise<void> {
  const settings = { ...TRAINING, simulations: 10_000, epochs: 12, clipNorm: 1 };
  const one = await train(variational(squared), settings);
  const spline = await train(variational(squared, { density: splineCoupling() }), settings);
  const y = 2;
  const own = (await modelPosterior(squared, { y }, { samples: 8_000 })).at(0);
  const [gaussian, flow] = [
    await one.given({ y }, { samples: 8_000 }),
    await spline.given({ y }, { samples: 8_000 }),
  ];
  await save("variational", {
    title: "Two modes, by reverse KL",
    subtitle: "y = θ² + noise, y = 2",
    rows: [
      {
        legend: [
          { label: "spline flow", style: styles.approximate },
          { label: "Gaussian", style: other },
          exact,
        ],
        panels: [
          densities(
            "θ",
            [-2.6, 2.6],
            [
              { draws: column(own, "theta"), style: styles.exact },
              { draws: column(gaussian, "theta"), style: other },
              { draws: column(flow, "theta"), style: styles.approximate },
            ],
          ),
        ],
      },
    ],
  });
}

/** The same estimator with all data, and with half of them. */
export async function drawAnyToAny(): Promise<void> {
  const joint = await train(anyToAny(line), { ...TRAINING, simulations: 8_000, epochs: 20 });
  const whole = await joint.given(lineData, { samples: 4_000 });
  const half = { y: lineData.y.map((value, i) => (i < 10 ? value : Number.NaN)) };
  const early = await joint.given(half, { samples: 4_000 });
  await save("any-to-any", {
    title: "One estimator, with all data and with half of them, 8,000 simulations",
    rows: [
      {
        legend: [
          { label: "all 20 points", style: styles.approximate },
          { label: "the first 10", style: other },
          { label: "exact, all points", style: styles.exact },
          truth,
        ],
        panels: linePanels([
          { posterior: await exactLine(), style: styles.exact },
          { posterior: whole, style: styles.approximate },
          { posterior: early, style: other },
        ]),
      },
    ],
  });
}

/** Each round beside the exact posterior. */
export async function drawRounds(): Promise<void> {
  const first = await train(npe(line, { members: 1, emulations: 0 }), {
    ...TRAINING,
    simulations: 2_000,
  });
  const { estimator } = await truncatedRounds(npe(line, { members: 1, emulations: 0 }), lineData, {
    simulations: 2_000,
    rounds: 4,
    seed: 1,
    training: { progress: false },
  });
  const [before, after] = [
    await first.given(lineData, { samples: 8_000 }),
    await estimator.given(lineData, { samples: 8_000 }),
  ];
  await save("rounds", {
    title: "One network, 2,000 simulations: of the prior, and in four rounds",
    rows: [
      {
        legend: [
          { label: "of the prior", style: other },
          { label: "in four rounds", style: styles.approximate },
          exact,
          truth,
        ],
        panels: linePanels([
          { posterior: await exactLine(), style: styles.exact },
          { posterior: before, style: other },
          { posterior: after, style: styles.approximate },
        ]),
      },
    ],
  });
}

/** Contours of the exact posterior, which amortized answers are held against. */
export async function drawModelPosterior(): Promise<void> {
  const posterior = await exactLine();
  const midpoints = (from: number, to: number): readonly number[] =>
    Array.from({ length: 60 }, (_, i) => from + ((to - from) * (i + 0.5)) / 60);
  const [x, y] = [midpoints(-0.4, 1.8), midpoints(0.2, 1.1)];
  const points = y.flatMap((noise) => x.flatMap((slope) => [slope, noise]));
  const logDensities = await posterior.logDensities(Float64Array.from(points));
  const density = y.map((_, row) =>
    x.map((_unused, i) => Math.exp(logDensities[60 * row + i] ?? NaN)),
  );
  await save("model-posterior", {
    title: "The exact posterior of the line, by a grid",
    rows: [
      {
        legend: [{ label: "half and nine tenths of the mass", style: styles.exact }],
        panels: [
          contourPanel({
            x,
            y,
            density,
            style: styles.exact,
            points: [
              {
                x: LINE_TRUTH.slope,
                y: LINE_TRUTH.noise,
                style: styles.truth,
                symbol: "cross",
                label: "truth",
              },
            ],
            xLabel: "slope",
            yLabel: "noise",
            width: 440,
            height: 320,
          }),
        ],
      },
    ],
  });
}
