import { connect } from "node:net";
import { encodeNpy } from "amortis/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningServer } from "../src/index.js";
import { LINE, post, quietly, trained } from "./estimators.js";

let server: RunningServer;
beforeAll(async () => {
  const files = await trained("line", "point", "gappy");
  server = await quietly([files.line, files.point, files.gappy], {
    limits: { body: 10_000, dataSets: 3, samples: 100, arrival: 2 },
  });
});
afterAll(() => server.close());

const infer = (name: string): string => `${server.url}/v1/estimators/${name}/infer`;

/** The problem's status and detail; the document says the same as the response. */
async function problem(response: Response): Promise<readonly [number, string]> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const document: { status: number; detail: string; type: string } = JSON.parse(
    await response.text(),
  );
  expect(document.status).toBe(response.status);
  expect(document.type).toMatch(/^urn:amortis:problem:[a-z-]+$/);
  return [document.status, document.detail];
}

/** What is sent as data of the line, and what is said of it. */
const DATA: readonly (readonly [string, string, number, RegExp])[] = [
  ["null", "null", 422, /"y" must be a number, but is null/],
  [
    "null among numbers",
    "[0,1,2,3,null,5,6,7]",
    422,
    /"y" at \[4\] must be .* null; no value of this model may be missing/,
  ],
  ["a text of a number", '["1",1,2,3,4,5,6,7]', 422, /"y" at \[0\] must be a number, but is "1"/],
  [
    "the text Infinity",
    '["Infinity",1,2,3,4,5,6,7]',
    422,
    /"y" at \[0\] must be a number, but is "Infinity"/,
  ],
  ["a boolean", "[true,1,2,3,4,5,6,7]", 422, /"y" at \[0\] must be a number, but is true/],
  [
    "a number that is infinite",
    "[1e999,1,2,3,4,5,6,7]",
    422,
    /"y" at \[0\] must be a finite number of single precision, but is Infinity/,
  ],
  [
    "a number too large",
    "[1e39,1,2,3,4,5,6,7]",
    422,
    /"y" at \[0\] must be a finite number of single precision/,
  ],
  [
    "lists of one",
    "[[1],[2],[3],[4],[5],[6],[7],[8]]",
    422,
    /shape \[8\], or \[n, 8\] for n data sets, but has \[8, 1\]/,
  ],
  ["too few", "[1,2]", 422, /but has \[2\]/],
  ["none", "[]", 422, /but has \[0\]/],
  ["no data sets", "[[]]", 422, /but has \[1, 0\]/],
  ["ragged rows", "[[1,2,3,4,5,6,7,8],[1]]", 422, /"y" at \[1\] has 1 elements/],
  ["a number", "5", 422, /but has \[\]/],
  ["a text", '"data"', 422, /must be a number, but is "data"/],
  ["another name", '{"x":[1]}', 422, /"data" has "x", but the arrays are y/],
  ["no name", "{}", 422, /"data" lacks "y"/],
  [
    "too many data sets",
    `[${Array(4).fill("[0,0,0,0,0,0,0,0]").join()}]`,
    422,
    /4 data sets were given, but a request may have 3/,
  ],
  ["deep nests", `${"[".repeat(300)}1${"]".repeat(300)}`, 422, /nested more than 18 deep/],
  ["no JSON", "[1,", 400, /JSON/i],
  ["NaN, which JSON has not", "[NaN]", 400, /JSON/i],
  ["given twice", '{"y":[1],"y":[2]}', 400, /an object has "y" twice/],
];

test.each(DATA)("data that are %s get a problem document", async (_, text, status, detail) => {
  const found = await problem(await post(infer("line"), `{"data":${text}}`));
  expect(found).toEqual([status, expect.stringMatching(detail)]);
});

test("a body without data is told what it lacks", async () => {
  expect(await problem(await post(infer("line"), "{}"))).toEqual([400, "the body lacks data"]);
});

/** What else is in the body, and what is said of it. */
const OPTIONS: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
  [{ samples: "10" }, /at samples, does not fit/],
  [{ samples: 0 }, /at samples/],
  [{ samples: 101 }, /at samples/],
  [{ samples: 1.5 }, /at samples/],
  [{ samples: null }, /at samples/],
  [{ seed: -1 }, /at seed/],
  [{ seed: [1] }, /at seed/],
  [{ draws: "true" }, /at draws/],
  [{ replicates: [0] }, /at replicates/],
  [{ sample: 10 }, /sample/],
  [{ method: "grid" }, /method/],
  [{ answer: "mcmc" }, /at answer/],
];

test.each(OPTIONS)("the option %j is refused", async (options, detail) => {
  const found = await problem(await post(infer("line"), { data: LINE, ...options }));
  expect(found).toEqual([400, expect.stringMatching(detail)]);
});

test.each([
  "samples=1e3",
  "samples=",
  "samples=5&samples=6",
  "draws=1",
  "seed=0x10",
  "other=1",
  "replicates=2",
])("the query %s is refused", async (query) => {
  const [status] = await problem(await post(`${infer("line")}?${query}`, { data: LINE }));
  expect(status).toBe(400);
});

test("options that mean nothing to an estimator are refused", async () => {
  const [status, detail] = await problem(await post(infer("point"), { data: LINE, samples: 5 }));
  expect([status, detail]).toEqual([400, expect.stringContaining("samples")]);
});

test.each(["", "null", "[]", "5", '"text"', "{}"])(
  "the body %j, which is no request, is refused",
  async (body) => {
    const [status] = await problem(await post(infer("line"), body));
    expect(status).toBe(400);
  },
);

test("__proto__ reaches nothing", async () => {
  const [status] = await problem(
    await post(infer("line"), `{"data":[1],"__proto__":{"samples":1}}`),
  );
  expect(status).toBe(400);
});

test(".npy files that do not fit are refused", async () => {
  const send = (name: string, body: Uint8Array): Promise<Response> =>
    fetch(infer(name), {
      method: "POST",
      headers: { "content-type": "application/x-npy" },
      body: Buffer.from(body),
    });
  const nan = Float32Array.from(LINE).fill(Number.NaN, 2, 3);
  expect(await problem(await send("line", encodeNpy({ shape: [8], data: nan })))).toEqual([
    422,
    expect.stringMatching(/"y" at \[2\] must be a finite number/),
  ]);
  const wide = encodeNpy({ shape: [4, 2], data: Float32Array.from(LINE) });
  expect(await problem(await send("line", wide))).toEqual([
    422,
    expect.stringMatching(/has \[4, 2\]/),
  ]);
  expect(await problem(await send("line", new Uint8Array([1, 2, 3])))).toEqual([
    400,
    expect.stringMatching(/no .npy file/),
  ]);
  expect(await problem(await send("gappy", wide))).toEqual([
    400,
    expect.stringMatching(/takes y, z: send JSON/),
  ]);
});

test("what is too large, of an unknown type, or nowhere says so", async () => {
  const statuses = async (response: Promise<Response>) => (await problem(await response))[0];
  expect(await statuses(post(infer("line"), { data: LINE, more: "x".repeat(20_000) }))).toBe(413);
  expect(await statuses(post(infer("line"), "data", { "content-type": "text/plain" }))).toBe(415);
  expect(await statuses(post(infer("line"), { data: LINE }, { accept: "image/png" }))).toBe(406);
  expect(await statuses(fetch(`${server.url}/v1/estimators/none`))).toBe(404);
  const wrong = await fetch(infer("line"), { method: "DELETE" });
  expect([wrong.headers.get("allow"), (await problem(wrong))[0]]).toEqual(["POST", 405]);
});

/** Sends bytes now and then, and gives all that comes back until the connection closes. */
async function trickle(head: string, bytes: string, milliseconds: number): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(head);
  const timer = setInterval(() => socket.write(bytes), milliseconds);
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("close", resolve));
  clearInterval(timer);
  return text;
}

test("a body that trickles in, and what is no HTTP, get a problem document too", async () => {
  const head =
    "POST /v1/estimators/line/infer HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
  const slow = await trickle(head, " ", 100);
  expect(slow).toMatch(/^HTTP\/1.1 408 /);
  expect(slow).toMatch(/content-type: application\/problem\+json/);
  const none = await trickle("HELLO\r\n\r\n", "", 1e6);
  expect(none).toMatch(/^HTTP\/1.1 400 /);
  const wide = await trickle(`GET /healthz HTTP/1.1\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, "", 1e6);
  expect(wide).toMatch(/^HTTP\/1.1 431 /);
});

test("and after all that it answers", async () => {
  expect((await post(infer("line"), { data: LINE })).status).toBe(200);
});
