/**
 * What losses say should be done otherwise.
 */
import { describe, expect, it } from "vitest";
import { adviceOn } from "../../src/training/advice.js";

const settings = { clipNorm: 5, learningRate: 1e-3, weightDecay: 0.5 };

function history(losses: readonly (readonly [number, number])[]) {
  return losses.map(([trainingLoss, validationLoss], i) => ({
    epoch: i + 1,
    step: i + 1,
    trainingLoss,
    validationLoss,
    learningRate: 1e-3,
    seconds: 1,
  }));
}

describe("advice", () => {
  it("is none on a training that went well", () => {
    const losses = history([
      [3, 2.5],
      [2, 2],
      [1.5, 1.8],
      [1.4, 1.7],
      [1.3, 1.7],
    ]);
    expect(adviceOn(losses, 4, settings, 0.2)).toEqual([]);
  });

  it("names weightDecay where validation rises as training falls", () => {
    const losses = history([
      [3, 2.5],
      [2, 2],
      [1, 2.2],
      [0.5, 2.4],
      [0, 2.6],
      [-1, 3],
    ]);
    expect(adviceOn(losses, 2, settings, 0)).toEqual([
      expect.stringMatching(
        /^overfitting: after epoch 2 .* from 2.000 to 3.000 .*weightDecay \(now 0.5\)$/,
      ),
    ]);
  });

  it("names learningRate where nothing was learned", () => {
    const losses = history([
      [3, 2],
      [3, 2.1],
      [3, 2.1],
      [3, 2.1],
      [3, 2.1],
    ]);
    expect(adviceOn(losses, 1, settings, 0)).toEqual([
      expect.stringMatching(
        /never became better than after the first of 5 epochs.*learningRate \(now 0.001\)/,
      ),
    ]);
  });

  it("names clipNorm where gradients explode", () => {
    const losses = history([
      [3, 2],
      [2, 1.5],
      [1, 1],
      [0.5, 0.9],
      [0, 0.8],
    ]);
    expect(adviceOn(losses, 5, settings, 0.95)).toEqual([
      expect.stringMatching(/far larger than clipNorm \(5\) in 95 % of the steps/),
    ]);
  });
});
