import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { LINE, post, quietly, trained } from "./estimators.js";

let file: string;
beforeAll(async () => {
  file = (await trained("line")).line;
});

test("a server that closes answers what it accepted, and takes nothing more", async () => {
  const server = await quietly([file]);
  const infer = `${server.url}/v1/estimators/line/infer`;
  const bodies = Array.from({ length: 20 }, (_, seed) => ({ data: LINE, samples: 5_000, seed }));
  const asked = bodies.map((body) => post(infer, body));
  // Once one is answered, the others were accepted.
  await Promise.race(asked);
  await server.close();
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow("fetch failed");
});

test("beyond the queue there is 429 with Retry-After, and those before are answered", async () => {
  const server = await quietly([file], { limits: { queue: 2 }, batch: 1 });
  const infer = `${server.url}/v1/estimators/line/infer`;
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, seed) => post(infer, { data: LINE, samples: 10_000, seed })),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  expect(statuses).toEqual(new Set([200, 429]));
  const busy = answers.find(({ status }) => status === 429);
  expect(busy?.headers.get("retry-after")).toMatch(/^\d+$/);
  await server.close();
});

test("an answer that takes too long is given up, and the next one is answered by another thread", async () => {
  const server = await quietly([file], { limits: { seconds: 0.001 } });
  const slow = await post(`${server.url}/v1/estimators/line/infer`, {
    data: LINE,
    samples: 10_000,
  });
  expect(slow.status).toBe(504);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await server.close();
});

test("with tokens, a request needs one of them; health does not", async () => {
  const tokens = ["a-token-of-some-length", "another-token-of-some"];
  const server = await quietly([file], { tokens });
  const status = async (path: string, authorization?: string): Promise<number> =>
    (await fetch(`${server.url}${path}`, { headers: authorization ? { authorization } : {} }))
      .status;
  expect(await status("/healthz")).toBe(200);
  expect(await status("/v2/health/ready")).toBe(200);
  const closed = ["/v1/estimators", "/v2", "/metrics", "/docs", "/openapi.json", "/nowhere"];
  expect(await Promise.all(closed.map((path) => status(path)))).toEqual(closed.map(() => 401));
  expect(await status("/v1/estimators", `Bearer ${tokens[1]}`)).toBe(200);
  expect(await status("/v1/estimators", `Bearer ${tokens[1]}x`)).toBe(401);
  expect(await status("/v1/estimators", `Basic ${tokens[0]}`)).toBe(401);
  const refused = await fetch(`${server.url}/v1/estimators`);
  expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="amortis"');
  await server.close();
});

test("files that cannot be served say why", async () => {
  const other = join(dirname(file), "other");
  await mkdir(other);
  await copyFile(file, join(other, "line.amortis"));
  await copyFile(file, join(other, "a b.amortis"));
  const twice = quietly([file, join(other, "line.amortis")]);
  await expect(twice).rejects.toThrow('two files would be served as "line": rename one');
  await expect(quietly([join(other, "a b.amortis")])).rejects.toThrow(
    /served as "a b", but names are/,
  );
  await expect(quietly([join(other, "none.amortis")])).rejects.toThrow(/none\.amortis/);
  await expect(quietly([file], { port: 70_000 })).rejects.toThrow(/^serve: port .*65535/);
  const first = await quietly([file]);
  const port = Number(new URL(first.url).port);
  await expect(quietly([file], { port })).rejects.toThrow(
    `port ${port} of 127.0.0.1 is taken: choose another, or 0 for a free one`,
  );
  await first.close();
});
