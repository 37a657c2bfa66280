import { load, loadPosterior } from "amortis";
import { encodeNpy, parseNpy } from "amortis/files";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerSchema, estimatorSchema } from "../src/http/schemas.js";
import type { RunningServer } from "../src/index.js";
import { LINE, post, quietly, trained } from "./estimators.js";

let files: Readonly<Record<"line" | "point" | "ratio" | "gappy", string>>;
let server: RunningServer;
beforeAll(async () => {
  files = await trained("line", "point", "ratio", "gappy");
  server = await quietly(Object.values(files));
});
afterAll(() => server.close());

const infer = (name: string): string => `${server.url}/v1/estimators/${name}/infer`;

async function answerOf(response: Response) {
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "application/json",
  ]);
  return answerSchema.parse(await response.json());
}

test("draws and summaries are the library's, for the same seed", async () => {
  const answer = await answerOf(
    await post(infer("line"), { data: LINE, samples: 50, seed: 7, draws: true }),
  );
  const posterior = await (
    await loadPosterior(files.line)
  ).given(Float64Array.from(LINE), { samples: 50, seed: 7 });
  expect(answer.draws?.flat(2)).toEqual([...posterior.draws]);
  expect(answer.datasets[0]?.mean).toEqual(posterior.mean());
  expect(answer.parameters).toEqual(["slope", "noise"]);
  expect(answer.estimator).toBe("line");
});

test("requests that are answered together get what each would get alone, to the bit", async () => {
  const asked = Array.from({ length: 40 }, (_, i) => ({
    data: LINE.map((value) => value + i / 10),
    samples: 20 + (i % 3),
    seed: i,
    draws: true,
  }));
  const together = await Promise.all(
    asked.map(async (body) => answerOf(await post(infer("line"), body))),
  );
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const batches = Number(/amortis_batch_requests_count (\d+)/.exec(metrics)?.[1]);
  const requests = Number(/amortis_batch_requests_sum (\d+)/.exec(metrics)?.[1]);
  expect(batches).toBeLessThan(requests);
  const fitted = await loadPosterior(files.line, { onWarning: () => {} });
  for (const [i, { data, samples, seed }] of asked.entries()) {
    const alone = await fitted.given(Float64Array.from(data), { samples, seed });
    expect(together[i]?.draws?.flat(2)).toEqual([...alone.draws]);
  }
});

test("each answer has the check of its own data, whatever it was answered with", async () => {
  const far = LINE.map((value) => value + 1e4);
  const bodies = [LINE, far, LINE, [LINE, far]].map((data) => ({ data, samples: 10 }));
  const answers = await Promise.all(
    bodies.map(async (body) => answerOf(await post(infer("line"), body))),
  );
  expect(answers.map(({ warnings }) => warnings.length)).toEqual([0, 1, 0, 1]);
  expect(answers[1]?.warnings[0]).toMatch(/^the data are unlike anything that was simulated/);
  expect(answers[3]?.warnings[0]).toMatch(/^1 of 2 data sets are unlike .* of data set 1/);
  const estimator = await load(files.line, { onWarning: () => {} });
  const expected = await estimator.typicality([[...LINE], far]);
  expect(answers[3]?.datasets.map(({ typicality }) => typicality)).toEqual([...(expected ?? [])]);
});

test("a .npy file is answered by a .npy file, with the check in a header", async () => {
  const body = encodeNpy({ shape: [2, 8], data: Float32Array.from([...LINE, ...LINE]) });
  const response = await fetch(`${infer("line")}?samples=30&seed=4`, {
    method: "POST",
    headers: { "content-type": "application/x-npy", accept: "application/x-npy" },
    body: Buffer.from(body),
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([
    200,
    "application/x-npy",
  ]);
  const { shape, data } = parseNpy(new Uint8Array(await response.arrayBuffer()));
  const json = await answerOf(
    await post(`${infer("line")}?samples=30`, { data: [LINE, LINE], seed: 4, draws: true }),
  );
  expect(shape).toEqual([2, 30, 2]);
  expect([...data]).toEqual(json.draws?.flat(2));
  const check: unknown = JSON.parse(response.headers.get("amortis-check") ?? "");
  expect(check).toEqual({
    typicality: json.datasets[0]?.typicality,
    refused: 0,
    warnings: [],
  });
});

test("points, ratios and data by name with missing values are answered too", async () => {
  const point = await answerOf(await post(infer("point"), { data: { y: [LINE, LINE] } }));
  expect(point.datasets.map(({ estimate }) => Object.keys(estimate ?? {}))).toEqual([
    ["slope", "noise"],
    ["slope", "noise"],
  ]);
  const ratio = await answerOf(
    await post(infer("ratio"), { data: LINE, samples: 20, method: "grid", points: 20 }),
  );
  expect(ratio.datasets[0]?.status ?? "amortized").toMatch(/grid|refused/);
  const gappy = await answerOf(
    await post(infer("gappy"), { data: { y: [0.5, null, 0.2], z: 1 }, samples: 20 }),
  );
  const fitted = await loadPosterior(files.gappy);
  const expected = await fitted.given({ y: [0.5, Number.NaN, 0.2], z: 1 }, { samples: 20 });
  expect(gappy.datasets[0]?.mean).toEqual(expected.mean());
});

test("the server says what it serves", async () => {
  const { estimators }: { readonly estimators: unknown[] } = await (
    await fetch(`${server.url}/v1/estimators`)
  ).json();
  const all = estimators.map((one) => estimatorSchema.parse(one));
  expect(all.map(({ name }) => name)).toEqual(["line", "point", "ratio", "gappy"]);
  expect(all[3]?.data).toEqual({
    y: { shape: [3], varies: false, missing: true },
    z: { shape: [], varies: false, missing: false },
  });
  const docs = await (await fetch(`${server.url}/docs`)).text();
  expect(docs).toContain("<code>/v1/estimators/line/infer</code>");
  const openapi: { readonly openapi: string; readonly paths: object } = await (
    await fetch(`${server.url}/openapi.json`)
  ).json();
  expect(openapi.openapi).toBe("3.1.0");
  expect(Object.keys(openapi.paths)).toContain("/v2/models/gappy/infer");
});
