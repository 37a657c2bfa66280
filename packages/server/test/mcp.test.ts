/** Agents, by the client of the protocol's own SDK, which starts the command and talks to it on its standard input and output. */
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { answerSheet, load } from "amortis/answers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveMcp, type McpOptions } from "../src/index.js";
import { trained } from "./estimators.js";

const BIN = fileURLToPath(new URL("../../amortis/bin/amortis.js", import.meta.url));
const y = [0.1, 0.2, 0.3, 0.5, 0.4, 0.7, 0.6, 0.9];

let files: Readonly<Record<"line" | "gappy", string>> = { line: "", gappy: "" };
const client = new Client({ name: "test", version: "1" });
beforeAll(async () => {
  files = await trained("line", "gappy");
  const limits = ["--threads", "1", "--max-samples", "500"];
  const args = [BIN, "serve", files.line, files.gappy, "--mcp", ...limits];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }),
  );
});
afterAll(() => client.close());

/** What a tool says. */
async function call(name: string, given: Readonly<Record<string, unknown>> = {}) {
  const result = await client.callTool({ name, arguments: { ...given } });
  const [first] = result.content;
  const text = first?.type === "text" ? first.text : "";
  return { text, isError: result.isError === true, document: result.structuredContent };
}

it("finds the tools, which change nothing", async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["list_estimators", "describe_estimator", "infer"]);
  for (const { annotations, description } of tools) {
    expect(annotations).toMatchObject({ readOnlyHint: true });
    expect(description?.length).toBeGreaterThan(50);
  }
});

it("is told what there is, and what it takes", async () => {
  expect((await call("list_estimators")).document).toMatchObject({
    estimators: [
      { name: "line", parameters: ["slope", "noise"], data: { y: { shape: [8] } } },
      { name: "gappy", data: { y: { missing: true }, z: { shape: [] } } },
    ],
  });
  const { document } = await call("describe_estimator", { estimator: "gappy" });
  expect(document).toMatchObject({
    parameters: ["level"],
    request: { properties: { data: { required: ["y", "z"] }, samples: { maximum: 500 } } },
  });
});

it("has the answers that the library gives, to the bit", async () => {
  const options = { samples: 300, seed: 5 };
  const asked = { estimator: "line", data: [y, y.toReversed()], draws: true, ...options };
  const { document, text, isError } = await call("infer", asked);
  expect(isError).toBe(false);
  expect(JSON.parse(text)).toEqual(document);
  const estimator = await load(files.line);
  const sheet = await answerSheet(
    estimator,
    { y: { shape: [2, 8], data: Float64Array.from([...y, ...y.toReversed()]) } },
    options,
  );
  const { datasets } = sheet.document;
  expect(document).toMatchObject({
    estimator: "line",
    parameters: ["slope", "noise"],
    datasets: JSON.parse(JSON.stringify(datasets)),
  });
  await estimator.release();
  const missing = { estimator: "gappy", data: { y: [1, null, 2], z: 0.3 }, seed: 1 };
  expect((await call("infer", missing)).document).toHaveProperty("datasets");
});

it("says of what is wrong what was expected", async () => {
  for (const [given, reason] of [
    [{ estimator: "none", data: y }, /there is no estimator "none": line, gappy/u],
    [{ estimator: "line", data: [1, 2] }, /"y" must have the shape \[8\].*but has \[2\]/u],
    [{ estimator: "line", data: ["1", ...y.slice(1)] }, /number/u],
    [{ estimator: "line", data: y, points: 10 }, /points/u],
    [{ estimator: "line", data: y, samples: 501 }, /samples/u],
    [{ estimator: "line" }, /data/u],
  ] as const) {
    const said = await call("infer", given).catch((error: unknown) => ({
      isError: true,
      text: String(error),
    }));
    expect(said.isError).toBe(true);
    expect(said.text).toMatch(reason);
  }
  expect((await call("infer", { estimator: "line", data: y })).isError).toBe(false);
});

it("options that are out of their range are said", async () => {
  await expect(serveMcp([files.line], { threads: 0 })).rejects.toThrow(/^serveMcp: threads /u);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as plain JavaScript gives them
  const loose = { port: 1 } as McpOptions;
  await expect(serveMcp([files.line], loose)).rejects.toThrow(/^serveMcp: .*port/u);
});
