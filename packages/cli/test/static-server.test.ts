/** The server of the studio: plain files to this machine, and nothing else. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveFolder, type StaticServer } from "../src/static-server.js";

let root: string;
let server: StaticServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "amortis-static-"));
  await mkdir(join(root, "dist", "assets"), { recursive: true });
  await writeFile(join(root, "dist", "index.html"), "<p>studio</p>");
  await writeFile(join(root, "dist", "assets", "a.js"), "1;");
  await writeFile(join(root, "secret.txt"), "secret");
  await writeFile(join(root, "my field.amortis"), "bytes");
  const file = join(root, "my field.amortis");
  // A slash at the end changes nothing.
  server = await serveFolder({ folder: `${join(root, "dist")}/`, file, port: 0 });
});

afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

/** The status, as paths are sent: `fetch` would tidy them. */
async function statusOf(path: string, host?: string): Promise<number> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, ...(host && { headers: { host } }) });
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}

it("serves files with their types, and the opened one beside them", async () => {
  const page = await fetch(server.url);
  expect([page.status, page.headers.get("content-type")]).toEqual([
    200,
    "text/html; charset=utf-8",
  ]);
  const script = await fetch(`${server.url}assets/a.js`);
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(server.opened).toBe("opened/my%20field.amortis");
  expect(await (await fetch(`${server.url}${server.opened}`)).text()).toBe("bytes");
});

it("serves nothing outside of the folder, to no other name, and takes nothing", async () => {
  expect(await statusOf("/../secret.txt")).toBe(404);
  expect(await statusOf("/%2e%2e/secret.txt")).toBe(404);
  expect(await statusOf("/opened/secret.txt")).toBe(404);
  expect(await statusOf("/assets")).toBe(404);
  expect(await statusOf("/%ff")).toBe(404);
  expect(await statusOf("/", "evil.example")).toBe(403);
  expect((await fetch(server.url, { method: "POST", body: "x" })).status).toBe(405);
  expect(new URL(server.url).hostname).toBe("127.0.0.1");
});
