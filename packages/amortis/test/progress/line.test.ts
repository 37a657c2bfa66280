import { describe, expect, it } from "vitest";
import {
  count,
  duration,
  plural,
  ProgressLine,
  rate,
  simulationLine,
  trainingLine,
} from "../../src/progress/index.js";

function fakeStream(isTTY: boolean): {
  text: string;
  isTTY: boolean;
  columns: number;
  write(text: string): void;
} {
  return {
    text: "",
    isTTY,
    columns: 24,
    write(text) {
      this.text += text;
    },
  };
}

describe("a progress line", () => {
  it("is drawn over in a terminal, no wider than that", () => {
    const stream = fakeStream(true);
    const progress = new ProgressLine(stream);
    progress.show("first");
    progress.show("second, which comes too soon, and is wide");
    progress.note("something to keep");
    progress.finish();
    expect(stream.text).toBe(
      "\r\u001B[2Kfirst" +
        "\r\u001B[2Ksomething to keep\n" +
        "\r\u001B[2Ksecond, which comes too" +
        "\n",
    );
  });

  it("is plain and rare in a log, and ends with the last", () => {
    const stream = fakeStream(false);
    const progress = new ProgressLine(stream);
    for (let i = 0; i < 100; i++) progress.show(`line ${i}`);
    progress.finish();
    expect(stream.text).toBe("line 0\nline 99\n");
  });

  it("is silent where that is wished, but for notes", () => {
    const stream = fakeStream(true);
    const progress = new ProgressLine(stream, true);
    progress.show("line");
    progress.note("note");
    progress.finish();
    expect(stream.text).toBe("note\n");
  });

  it("says how far, how fast, how well, and how long it still takes", () => {
    expect(
      simulationLine({ done: 1500, total: 20_000, invalid: 3, rate: 1234.5, secondsLeft: 15 }),
    ).toBe("simulating  1,500 of 20,000  1,235/s  3 invalid  15 s left");
    expect(
      trainingLine({
        phase: "training",
        epoch: 2,
        epochs: 8,
        step: 1200,
        steps: 4496,
        stepsPerSecond: 55.2,
        trainingLoss: -0.25,
        validationLoss: -0.2,
        bestValidationLoss: -0.21,
        secondsElapsed: 30,
        secondsLeft: 65,
      }),
    ).toBe(
      "training  epoch 3 of 8  step 1,200 of 4,496  55 steps/s  loss -0.2500  validation -0.2000 (best -0.2100)  1:05 left",
    );
  });
});

describe("numbers", () => {
  it("are written as people read them", () => {
    expect([0.04, 5, 59.6, 65, 3723, Number.NaN].map(duration)).toEqual([
      "0 s",
      "5 s",
      "1:00",
      "1:05",
      "1:02:03",
      "?",
    ]);
    expect([plural(1, "epoch"), plural(2000, "epoch"), count(12_345), rate(0.5)]).toEqual([
      "1 epoch",
      "2,000 epochs",
      "12,345",
      "0.50",
    ]);
  });
});
