/** `amortis studio`: serves the built studio and the file that it is given, until it is interrupted. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { call, start } from "./command.js";

const ROOT = resolve(import.meta.dirname, "../../..");
const BUILT = existsSync(join(ROOT, "packages/studio/dist/index.html"));

it("refuses a file that is not there, and a port that is none", async () => {
  const missing = await call("studio", "none.amortis", "--no-open");
  expect([missing.code, missing.stderr]).toEqual([2, "error: there is no file none.amortis\n"]);
  const port = await call("studio", "--port", "70000", "--no-open");
  expect(port.code).toBe(2);
});

it.skipIf(!BUILT)(
  "prints the address of the studio with the file open, and ends when told",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "amortis-studio-"));
    const file = join(folder, "a b.amortis");
    await writeFile(file, "bytes");
    const { child, outcome } = start(["studio", file, "--port", "0", "--no-open"]);
    const line = await new Promise<string>((done) => {
      child.stdout?.once("data", (text: Buffer) => {
        done(text.toString().trim());
      });
    });
    expect(line).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#e=opened%2Fa%2520b\.amortis$/u);
    const { origin, hash } = new URL(line);
    const opened = new URLSearchParams(hash.slice(1)).get("e") ?? "";
    expect(await (await fetch(`${origin}/${opened}`)).text()).toBe("bytes");
    expect(await (await fetch(origin)).text()).toContain("Amortis studio");
    child.kill("SIGTERM");
    expect((await outcome).code).toBe(0);
    await rm(folder, { recursive: true });
  },
);
