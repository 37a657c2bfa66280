import { describe, expect, it } from "vitest";
import {
  averagePool1d,
  averagePool2d,
  conv1d,
  constant,
  conv2d,
  gradient,
  hostTensor,
  input,
  InvalidArgumentError,
  maxPool1d,
  maxPool2d,
  mul,
  spatialConvMaxPool2d,
  square,
  sum,
  transpose,
  type ConvolutionOptions,
  type Tensor,
} from "../src/index.js";
import { evaluate, gradientError, largestDifference, numbers, values } from "./evaluate.js";
import { eachRuntime } from "./harness.js";

interface Case {
  readonly name: string;
  readonly x: readonly [number, number, number, number];
  readonly kernel: readonly [number, number, number, number];
  readonly options: ConvolutionOptions;
}

/** Which way of computing each case goes through is in its name. */
const CASES: readonly Case[] = [
  { name: "few channels, same", x: [2, 5, 6, 1], kernel: [3, 3, 1, 4], options: {} },
  {
    name: "few channels, strided",
    x: [2, 7, 6, 2],
    kernel: [3, 2, 2, 3],
    options: { stride: 2, padding: "valid" },
  },
  {
    name: "few channels, dilated",
    x: [1, 7, 7, 3],
    kernel: [3, 3, 3, 2],
    options: { dilation: 2 },
  },
  { name: "minimal filtering, same", x: [2, 8, 8, 5], kernel: [3, 3, 5, 8], options: {} },
  { name: "minimal filtering, odd size", x: [2, 5, 7, 6], kernel: [3, 3, 6, 9], options: {} },
  {
    name: "minimal filtering, valid",
    x: [1, 7, 6, 5],
    kernel: [3, 3, 5, 8],
    options: { padding: "valid" },
  },
  { name: "columns, same", x: [2, 6, 5, 5], kernel: [5, 3, 5, 2], options: {} },
  { name: "columns, strided", x: [1, 9, 8, 5], kernel: [3, 3, 5, 2], options: { stride: [2, 3] } },
  {
    name: "columns, uneven border",
    x: [1, 5, 5, 6],
    kernel: [2, 4, 6, 2],
    options: {
      padding: [
        [1, 0],
        [0, 2],
      ],
    },
  },
];

function bordersOf({ kernel, options }: Case): readonly (readonly [number, number])[] {
  const { padding = "same", dilation = 1 } = options;
  if (padding === "valid")
    return [
      [0, 0],
      [0, 0],
    ];
  if (padding !== "same") return padding;
  return [kernel[0], kernel[1]].map((size) => {
    const total = Number(dilation) * (size - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)] as const;
  });
}

/** The definition, as loops. */
function naive(theCase: Case, x: Float64Array, kernel: Float64Array): number[] {
  const [batch, height, width, channels] = theCase.x;
  const [kh, kw, , filters] = theCase.kernel;
  const { stride = 1, dilation = 1 } = theCase.options;
  const [sy = 1, sx = 1] = typeof stride === "number" ? [stride, stride] : stride;
  const d = Number(dilation);
  const [[top, bottom] = [0, 0], [left, right] = [0, 0]] = bordersOf(theCase);
  const rows = Math.floor((height + top + bottom - d * (kh - 1) - 1) / sy) + 1;
  const columns = Math.floor((width + left + right - d * (kw - 1) - 1) / sx) + 1;
  const out: number[] = [];
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < rows; y++) {
      for (let z = 0; z < columns; z++) {
        for (let f = 0; f < filters; f++) {
          let total = 0;
          for (let i = 0; i < kh; i++) {
            for (let j = 0; j < kw; j++) {
              const [py, px] = [y * sy + i * d - top, z * sx + j * d - left];
              if (py < 0 || px < 0 || py >= height || px >= width) continue;
              for (let c = 0; c < channels; c++) {
                const pixel = x[((b * height + py) * width + px) * channels + c] ?? 0;
                total += pixel * (kernel[((i * kw + j) * channels + c) * filters + f] ?? 0);
              }
            }
          }
          out.push(total);
        }
      }
    }
  }
  return out;
}

function constantOf(
  data: Float64Array,
  shape: readonly number[],
  dtype: "float32" | "float64" = "float64",
): Tensor {
  return constant(data, shape, dtype);
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

eachRuntime((runtime) => {
  describe.each(CASES)("conv2d, $name", (theCase) => {
    const x = input("x", theCase.x, "float64");
    const kernel = input("kernel", theCase.kernel, "float64");
    const y = conv2d(x, kernel, theCase.options);
    const [atX, atKernel] = [numbers(count(theCase.x), 3), numbers(count(theCase.kernel), 5)];

    it("is the sum of products over the window", async () => {
      const result = await values(
        runtime,
        [
          [x, atX],
          [kernel, atKernel],
        ],
        y,
      );
      expect(largestDifference(result, naive(theCase, atX, atKernel))).toBeLessThan(1e-12);
    });

    it("has the gradients of central differences", async () => {
      const fixedKernel = conv2d(x, constantOf(atKernel, theCase.kernel), theCase.options);
      expect(await gradientError(runtime, x, atX, fixedKernel)).toBeLessThan(1e-7);
      const fixedMap = conv2d(constantOf(atX, theCase.x), kernel, theCase.options);
      expect(await gradientError(runtime, kernel, atKernel, fixedMap)).toBeLessThan(1e-7);
    });
  });

  it("agrees in float32 to rounding, also by minimal filtering", async () => {
    const theCase: Case = { name: "", x: [4, 8, 8, 64], kernel: [3, 3, 64, 16], options: {} };
    const [atX, atKernel] = [numbers(count(theCase.x), 3), numbers(count(theCase.kernel), 5)];
    const exact = naive(theCase, atX, atKernel);
    const x = input("x", theCase.x);
    const kernel = input("kernel", theCase.kernel);
    const feeds = [
      [x, Float32Array.from(atX)],
      [kernel, Float32Array.from(atKernel)],
    ] as const;
    const result = await values(runtime, feeds, conv2d(x, kernel));
    // Rounding of 576 products of numbers up to 1, magnified at most tenfold by the transforms.
    expect(largestDifference(result, exact)).toBeLessThan(2e-4);
  });

  it("takes a dynamic batch", async () => {
    const kernel = numbers(3 * 3 * 5 * 8, 5);
    const x = input("x", ["batch", 6, 6, 5]);
    const y = conv2d(x, constantOf(kernel, [3, 3, 5, 8], "float32"));
    expect(y.shape).toEqual(["batch", 6, 6, 8]);
    const at = Float32Array.from(numbers(3 * 6 * 6 * 5, 3));
    const [result] = await evaluate(runtime, [[x, hostTensor(at, [3, 6, 6, 5])]], [y]);
    const theCase: Case = { name: "", x: [3, 6, 6, 5], kernel: [3, 3, 5, 8], options: {} };
    const exact = naive(theCase, Float64Array.from(at), kernel);
    expect(largestDifference(result?.data ?? [], exact)).toBeLessThan(1e-4);
  });

  it.each([
    { channels: 1, filters: 8 },
    { channels: 5, filters: 8 },
    { channels: 5, filters: 3 },
  ])("pools while it convolves ($channels to $filters channels)", async ({ channels, filters }) => {
    const shape = [2, 7, 6, channels] as const;
    const kernel = constantOf(numbers(9 * channels * filters, 5), [3, 3, channels, filters]);
    const x = input("x", shape, "float64");
    const spatial = spatialConvMaxPool2d(transpose(x, [1, 2, 0, 3]), kernel, [2, 2]);
    const fast = transpose(spatial, [2, 0, 1, 3]);
    const general = maxPool2d(conv2d(x, kernel));
    expect(fast.shape).toEqual([2, 3, 3, filters]);
    const at = numbers(count(shape), 3);
    const gradientOf = (y: Tensor): Tensor => gradient(sum(square(y)), [x])[0] ?? x;
    const [a, b, da, db] = await evaluate(
      runtime,
      [[x, at]],
      [fast, general, gradientOf(fast), gradientOf(general)],
    );
    expect(largestDifference(a?.data ?? [], b?.data ?? [0])).toBeLessThan(1e-12);
    expect(largestDifference(da?.data ?? [], db?.data ?? [0])).toBeLessThan(1e-11);
  });

  it("convolves and pools series", async () => {
    const x = input("x", [1, 6, 1], "float64");
    const kernel = constantOf(Float64Array.of(1, 0, -1), [3, 1, 1]);
    const at = Float64Array.of(1, 4, 9, 16, 25, 36);
    expect(await values(runtime, [[x, at]], conv1d(x, kernel))).toEqual([
      -4, -8, -12, -16, -20, 25,
    ]);
    const valid = conv1d(x, kernel, { padding: "valid", stride: 2 });
    expect(await values(runtime, [[x, at]], valid)).toEqual([-8, -16]);
    expect(await values(runtime, [[x, at]], maxPool1d(x, { window: 3 }))).toEqual([9, 36]);
    const averaged = averagePool1d(x, { window: 2, stride: 1 });
    expect(await values(runtime, [[x, at]], averaged)).toEqual([2.5, 6.5, 12.5, 20.5, 30.5]);
  });

  it("pools by the largest and by the mean, with their gradients", async () => {
    const x = input("x", [1, 4, 5, 2], "float64");
    const at = numbers(40, 11);
    const largest = maxPool2d(x, { window: [2, 2] });
    expect(largest.shape).toEqual([1, 2, 2, 2]);
    const byHand = [0, 1].flatMap((y) =>
      [0, 1].flatMap((z) =>
        [0, 1].map((c) =>
          Math.max(
            ...[0, 1].flatMap((i) =>
              [0, 1].map((j) => at[((2 * y + i) * 5 + 2 * z + j) * 2 + c] ?? 0),
            ),
          ),
        ),
      ),
    );
    expect(await values(runtime, [[x, at]], largest)).toEqual(byHand);
    expect(await gradientError(runtime, x, at, largest)).toBeLessThan(1e-8);
    const averaged = averagePool2d(x, { window: 3, stride: 1 });
    expect(await gradientError(runtime, x, at, averaged)).toBeLessThan(1e-8);
  });

  it("shares the gradient among equals: a flat map has the slope of all moving together", async () => {
    const shape = [6, 6, 2, 2];
    const kernel = constantOf(numbers(9 * 2 * 3, 5), [3, 3, 2, 3]);
    const x = input("x", shape, "float64");
    const images = transpose(x, [2, 0, 1, 3]);
    const flat = (level: number): Float64Array => new Float64Array(count(shape)).fill(level);
    // Without a border all outputs of a flat map are equal, whatever the kernel.
    for (const y of [
      spatialConvMaxPool2d(x, kernel, [2, 2], { padding: "valid" }),
      maxPool2d(conv2d(images, kernel, { padding: "valid" })),
      maxPool2d(images),
      maxPool2d(images, { window: 3, stride: 1 }),
    ]) {
      const outputs = y.shape.map(Number);
      const loss = sum(mul(y, constantOf(numbers(count(outputs), 9), outputs)));
      const [dx = x] = gradient(loss, [x]);
      const at = async (level: number): Promise<number> =>
        (await values(runtime, [[x, flat(level)]], loss))[0] ?? 0;
      for (const level of [0, 0.7]) {
        // Pooling of a flat map is linear in its level.
        const slope = ((await at(level + 1)) - (await at(level - 1))) / 2;
        expect(Math.abs(slope)).toBeGreaterThan(0.1);
        const shares = await values(runtime, [[x, flat(level)]], dx);
        expect(shares.reduce((a, b) => a + b)).toBeCloseTo(slope, 12);
      }
    }
    // And each of them its part.
    const [dx = x] = gradient(sum(maxPool2d(images)), [x]);
    expect(await values(runtime, [[x, flat(0)]], dx)).toEqual([...flat(0.25)]);
  });

  it("has second derivatives", async () => {
    const x = input("x", [1, 6, 6, 5], "float64");
    const kernel = constantOf(numbers(9 * 5 * 8, 5), [3, 3, 5, 8]);
    const energy = sum(square(square(conv2d(x, kernel))));
    const [force] = gradient(energy, [x]);
    expect(await gradientError(runtime, x, numbers(180, 3), force ?? x)).toBeLessThan(1e-6);
  });
});

describe("bad shapes", () => {
  const x = input("x", [2, 4, 4, 3]);

  it("names the layout", () => {
    expect(() => conv2d(input("x", [4, 4]), input("k", [3, 3, 3, 1]))).toThrow(
      "conv2d: needs [batch, height, width, channels], but was given [4, 4]",
    );
  });

  it("says which channels do not fit, in the layout that was given", () => {
    expect(() => conv2d(x, input("k", [3, 3, 2, 1]))).toThrow(
      "conv2d: a map [2, 4, 4, 3] has 3 channels, but the kernel [3, 3, 2, 1] takes 2; needs [batch, height, width, channels] and [kernel height, kernel width, in, out]",
    );
    expect(() => conv1d(input("s", [2, 9, 3]), input("k", [3, 2, 1]))).toThrow(
      "conv1d: a series [2, 9, 3] has 3 channels, but the kernel [3, 2, 1] takes 2",
    );
    expect(() => spatialConvMaxPool2d(x, input("k", [3, 3, 2, 1]), [2, 2])).toThrow(
      "spatialConvMaxPool2d: a map [2, 4, 4, 3] has 3 channels, but the kernel [3, 3, 2, 1] takes 2; needs [height, width, batch, channels]",
    );
  });

  it("refuses other types", () => {
    const [whole, kernel] = [input("w", [2, 4, 4, 3], "int64"), input("k", [3, 3, 3, 1])];
    const message =
      "conv2d needs a map and a kernel of one float type, but was given int64[2, 4, 4, 3] and ";
    expect(() => conv2d(whole, input("k", [3, 3, 3, 1], "int64"))).toThrow(
      `${message}int64[3, 3, 3, 1]; cast them`,
    );
    expect(() => conv2d(whole, kernel)).toThrow(`${message}float32[3, 3, 3, 1]; cast them`);
    expect(() => averagePool2d(whole)).toThrow("averagePool2d needs a float tensor");
  });

  it("says that a kernel or window is too large", () => {
    const kernel = input("k", [5, 5, 3, 1]);
    expect(() => conv2d(x, kernel, { padding: "valid" })).toThrow(
      "conv2d: a kernel of 5×5 does not fit into a map of 4×4",
    );
    expect(() => conv2d(x, input("k", [3, 3, 3, 1]), { padding: "valid", dilation: 2 })).toThrow(
      "conv2d: a kernel of 3×3 at dilation 2×2 does not fit into a map of 4×4",
    );
    expect(() => maxPool2d(x, { window: 5 })).toThrow(
      "maxPool2d: a window of 5×5 does not fit into a map of 4×4",
    );
    expect(() => averagePool1d(input("s", [2, 4, 3]), { window: 5 })).toThrow(
      "averagePool1d: a window of 5 does not fit into a series of 4",
    );
    expect(() =>
      spatialConvMaxPool2d(input("m", [1, 4, 2, 3]), input("k", [3, 3, 3, 1]), [2, 2]),
    ).toThrow("spatialConvMaxPool2d: a window of 2×2 does not fit into a map of 1×4");
  });

  const kernel = input("k", [3, 3, 3, 1]);
  const [series, short] = [input("s", [2, 9, 3]), input("k", [3, 3, 1])];
  const number = (setting: string, axes: number): string =>
    `${setting} must be a whole number from 1 on, or ${axes} of them, one for each axis, but is `;
  it.each<[string, () => Tensor, string]>([
    ["stride 0", () => conv2d(x, kernel, { stride: 0 }), `conv2d: ${number("stride", 2)}0`],
    ["stride -1", () => conv2d(x, kernel, { stride: -1 }), `conv2d: ${number("stride", 2)}-1`],
    ["stride 1.5", () => conv2d(x, kernel, { stride: 1.5 }), `conv2d: ${number("stride", 2)}1.5`],
    ["one stride", () => conv2d(x, kernel, { stride: [2] }), `conv2d: ${number("stride", 2)}[2]`],
    ["dilation", () => conv2d(x, kernel, { dilation: [1, 0] }), `${number("dilation", 2)}[1,0]`],
    [
      "two strides",
      () => conv1d(series, short, { stride: [1, 2] }),
      `conv1d: ${number("stride", 1)}[1,2]`,
    ],
    ["one axis", () => conv2d(x, kernel, { padding: [[1, 1]] }), "conv2d: padding must be"],
    [
      "border",
      () => conv1d(series, short, { padding: [[0, -1]] }),
      "for each of 1 axes, but is [[0,-1]]",
    ],
    ["window 0", () => maxPool2d(x, { window: 0 }), `maxPool2d: ${number("window", 2)}0`],
    [
      "stride 0",
      () => averagePool1d(series, { stride: 0 }),
      `averagePool1d: ${number("stride", 1)}0`,
    ],
    [
      "windows",
      () => spatialConvMaxPool2d(x, kernel, [2, 0]),
      `spatialConvMaxPool2d: ${number("window", 2)}[2,0]`,
    ],
  ])("refuses options out of range: %s", (_, make, message) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});
