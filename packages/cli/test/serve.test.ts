/** `amortis serve`, by a golden file of version 0.1. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectRefused, start, type Started } from "./command.js";

const FILE = fileURLToPath(
  new URL("../../amortis/test/golden-files/files/npe-vectors.amortis", import.meta.url),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amortis-serve-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The address that a server says it answers at. */
function addressOf({ child, outcome }: Started): Promise<string> {
  const said = new Promise<string>((resolve) => {
    child.stderr?.on("data", (text: string) => {
      const [address] = /http:\S+/.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    });
  });
  const ended = outcome.then(({ stderr }) => Promise.reject(new Error(stderr)));
  return Promise.race([said, ended]);
}

describe("amortis serve", () => {
  it("answers until it is told to end, and logs nothing of the data", async () => {
    const tokens = join(folder, "tokens.txt");
    await writeFile(tokens, "one-token-of-length\r\nanother-token-of-it\n");
    const server = start(["serve", FILE, "--port", "0", "--threads", "1", "--tokens", tokens]);
    const address = await addressOf(server);
    const response = await fetch(`${address}/v1/estimators/npe-vectors/infer?samples=77`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer another-token-of-it" },
      body: JSON.stringify({ data: [0.123456, 0.2, 0.4, 1.9, 0.4] }),
    });
    const { parameters }: { readonly parameters: readonly string[] } = await response.json();
    expect(parameters).toHaveLength(5);
    server.child.kill("SIGTERM");
    const { code, stdout, stderr } = await server.outcome;
    expect([code, stderr]).toEqual([0, expect.stringContaining("answering what was accepted")]);
    const lines: readonly { readonly req?: { readonly path: string } }[] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.some(({ req }) => req?.path === "/v1/estimators/npe-vectors/infer")).toBe(true);
    expect(stdout).not.toMatch(/0\.123456|another-token|samples=77/);
  });

  it("says what cannot be served in one line", async () => {
    expect.hasAssertions();
    const tokens = join(folder, "short.txt");
    await writeFile(tokens, "a-token-that-is-long-enough\nshort\n");
    await expectRefused([
      [["serve", join(folder, "none.amortis")], /none\.amortis/],
      [["serve", FILE, "--tokens", tokens], /token 2 is none/],
      [["serve", FILE, "--port", "70000"], /from 0 to 65535/],
    ]);
  });
});
