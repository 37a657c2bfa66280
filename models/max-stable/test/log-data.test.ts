import { InvalidArgumentError, npe } from "amortis";
import { compile, defaultRuntime, input, transformedShapes } from "amortis/extend";
import { describe, expect, it } from "vitest";
import { logData, maxStable } from "../src/index.js";

describe("the logarithm of the data", () => {
  it("takes the place of the data", async () => {
    expect(transformedShapes(maxStable.dataShapes, logData)).toEqual({ x: [16, 16] });
    expect(npe(maxStable, { transform: logData }).model.name).toBe("max-stable");
    const raw = input("x", [3]);
    const { x } = logData.apply({ x: raw });
    if (x === undefined) throw new TypeError("there is x");
    const program = await compile(
      { inputs: { x: raw }, outputs: { y: x } },
      await defaultRuntime(),
    );
    const { y } = await program.run({ x: Float32Array.of(1, Math.E, 1e-6) });
    expect([...(y?.data ?? [])].map(Number)).toEqual(
      [0, 1, Math.log(1e-6)].map((v) => expect.closeTo(v, 5)),
    );
    await program.release();
  });

  it("says whose data it takes", () => {
    expect(() => logData.apply({ z: input("z", [3]) })).toThrow(InvalidArgumentError);
  });
});
