/** `--device`: what runs networks is said, and what is not there is refused. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./command.js";

const FILE = fileURLToPath(
  new URL("../../amortis/test/golden-files/files/npe-vectors.amortis", import.meta.url),
);

let folder: string;
let data: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amortis-device-"));
  data = join(folder, "x.json");
  await writeFile(data, "[0.3, 0.2, 0.4, 1.9, 0.4]");
});
afterAll(() => rm(folder, { recursive: true }));

test("the processor answers natively, with a line that says so", async () => {
  const { code, stdout, stderr } = await run("infer", FILE, data, "--device", "cpu", "--json");
  expect([code, stderr]).toEqual([0, "networks run on onnxruntime-node\n"]);
  expect(JSON.parse(stdout)).toHaveProperty("datasets");
});

test("a device either answers by its name or is refused in one line", async () => {
  for (const device of ["webgpu", "cuda"]) {
    const { code, stderr } = await run("infer", FILE, data, "--device", device);
    const expected =
      code === 0
        ? `networks run on onnxruntime-node (${device})\n`
        : new RegExp(`(^|\\n)error: the device "${device}" cannot be used here: [^\\n]+\\n$`);
    expect([0, 2]).toContain(code);
    expect(stderr).toMatch(expected);
  }
  const { code, stderr } = await run("infer", FILE, data, "--device", "abacus");
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/Allowed choices are cpu, cuda, webgpu/),
  ]);
});
