import { loadPosterior } from "amortis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { modelSchema, responseSchema, serverSchema } from "../src/oip/schemas.js";
import type { RunningServer } from "../src/index.js";
import { LINE, post, quietly, trained } from "./estimators.js";

let files: Readonly<Record<"line", string>>;
let server: RunningServer;
beforeAll(async () => {
  files = await trained("line");
  server = await quietly([files.line]);
});
afterAll(() => server.close());

const at = (path: string): string => `${server.url}/v2${path}`;
const LENGTH = "inference-header-content-length";

async function json(path: string): Promise<unknown> {
  const response = await fetch(at(path));
  expect(response.status).toBe(200);
  return response.json();
}

test("health and metadata say what is there", async () => {
  expect(await json("/health/live")).toEqual({ live: true });
  expect(await json("/health/ready")).toEqual({ ready: true });
  expect(await json("/models/line/ready")).toEqual({ name: "line", ready: true });
  expect(serverSchema.parse(await json("")).extensions).toEqual(["binary_tensor_data"]);
  const model = modelSchema.parse(await json("/models/line/versions/1"));
  expect(model.inputs).toEqual([{ name: "y", datatype: "FP32", shape: [-1, 8] }]);
  expect(model.outputs.map(({ name }) => name)).toEqual([
    "draws",
    "mean",
    "sd",
    "quantiles",
    "typicality",
  ]);
});

test("JSON tensors, flat or nested, are answered by the library's numbers", async () => {
  const fitted = await loadPosterior(files.line);
  const posterior = await fitted.given(Float64Array.from(LINE), { samples: 25, seed: 6 });
  for (const data of [LINE, [LINE]]) {
    const response = await post(at("/models/line/infer"), {
      id: "one",
      parameters: { samples: 25, seed: 6 },
      inputs: [{ name: "y", shape: [1, 8], datatype: "FP32", data }],
      outputs: [{ name: "draws" }, { name: "mean" }, { name: "typicality" }],
    });
    const { id, outputs, parameters } = responseSchema.parse(await response.json());
    expect([id, parameters["warnings"], parameters["refused"]]).toEqual(["one", 0, 0]);
    const [draws, mean, typicality] = outputs;
    expect([draws?.shape, draws?.datatype]).toEqual([[1, 25, 2], "FP32"]);
    expect(draws?.data).toEqual([...posterior.draws]);
    expect(mean?.data).toEqual(Object.values(posterior.mean()));
    expect(typicality?.data).toEqual([parameters["typicality"]]);
  }
});

/** A body of JSON with bytes behind it. */
function binary(
  request: object,
  bytes: Uint8Array,
): { readonly body: Buffer<ArrayBuffer>; readonly length: number } {
  const head = Buffer.from(JSON.stringify(request));
  return { body: Buffer.concat([head, bytes]), length: head.length };
}

test("bytes go in and come out", async () => {
  const numbers = Float64Array.from([...LINE, ...LINE.map((value) => -value)]);
  const { body, length } = binary(
    {
      parameters: { samples: 5, binary_data_output: true },
      inputs: [
        { name: "y", shape: [2, 8], datatype: "FP64", parameters: { binary_data_size: 128 } },
      ],
      outputs: [{ name: "draws" }, { name: "mean", parameters: { binary_data: false } }],
    },
    new Uint8Array(numbers.buffer),
  );
  const response = await fetch(at("/models/line/versions/1/infer"), {
    method: "POST",
    headers: { [LENGTH]: String(length) },
    body,
  });
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  const end = Number(response.headers.get(LENGTH));
  const { outputs } = responseSchema.parse(JSON.parse(bytes.subarray(0, end).toString()));
  expect(outputs.map(({ name, parameters }) => [name, parameters])).toEqual([
    ["draws", { binary_data_size: 80 }],
    ["mean", undefined],
  ]);
  const draws = new Float32Array(new Uint8Array(bytes.subarray(end)).buffer);
  const fitted = await loadPosterior(files.line);
  const expected = await fitted.givenBatch({ y: { shape: [2, 8], data: numbers } }, { samples: 5 });
  expect([...draws]).toEqual([...expected.draws]);
});

const INPUT = { name: "y", shape: [1, 8], datatype: "FP32" };

/** Requests that are refused, and why. */
const BAD: readonly (readonly [string, object, number, RegExp])[] = [
  ["no inputs", { inputs: [] }, 400, /inputs/],
  [
    "another name",
    { inputs: [{ ...INPUT, name: "x", data: LINE }] },
    422,
    /an input "x", but the inputs are y/,
  ],
  ["another type", { inputs: [{ ...INPUT, datatype: "BYTES", data: ["1"] }] }, 400, /datatype/],
  ["another shape", { inputs: [{ ...INPUT, shape: [2, 4], data: LINE }] }, 422, /has \[2, 4\]/],
  ["too few numbers", { inputs: [{ ...INPUT, data: [1] }] }, 422, /has 1 numbers/],
  ["a text", { inputs: [{ ...INPUT, data: ["1", 2, 3, 4, 5, 6, 7, 8] }] }, 422, /must be a number/],
  ["no data", { inputs: [INPUT] }, 422, /has no data/],
  [
    "one twice",
    {
      inputs: [
        { ...INPUT, data: LINE },
        { ...INPUT, data: LINE },
      ],
    },
    422,
    /each once/,
  ],
  [
    "another output",
    { inputs: [{ ...INPUT, data: LINE }], outputs: [{ name: "z" }] },
    422,
    /no output "z"; there are draws/,
  ],
  [
    "another parameter",
    { inputs: [{ ...INPUT, data: LINE }], parameters: { sample: 3 } },
    422,
    /sample/,
  ],
  ["a field", { inputs: [{ ...INPUT, data: LINE }], more: 1 }, 400, /more/],
  [
    "bytes that are not there",
    { inputs: [{ ...INPUT, parameters: { binary_data_size: 32 } }] },
    422,
    /ends within the 32 bytes/,
  ],
  [
    "bytes that do not fill the shape",
    { inputs: [{ ...INPUT, parameters: { binary_data_size: 8 } }] },
    422,
    /takes 32 bytes/,
  ],
];

test.each(BAD)(
  "%s is refused, as clients of the protocol read it",
  async (_, body, status, detail) => {
    const response = await post(at("/models/line/infer"), body);
    const { error }: { readonly error: string } = await response.json();
    expect([response.status, error]).toEqual([status, expect.stringMatching(detail)]);
  },
);

test("lengths of the JSON that cannot be, and bytes without an input, are refused", async () => {
  const request = { inputs: [{ ...INPUT, data: LINE }] };
  const { body, length } = binary(request, new Uint8Array(3));
  for (const header of ["-1", "1e3", "99999", "", String(length)]) {
    const response = await fetch(at("/models/line/infer"), {
      method: "POST",
      headers: { [LENGTH]: header },
      body,
    });
    expect([400, 422]).toContain(response.status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
});
