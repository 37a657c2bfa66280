/**
 * Checkpoints whose numbers do not fit: refused in one line, before any of them sizes an array.
 */
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { FileError, train } from "../../src/index.js";
import { readContainer, writeContainer, type Container } from "../../src/files/container.js";
import { TRAINING } from "../golden-files/case.js";
import { CASES } from "../golden-files/cases.js";
import { temporaryFolder } from "./quick.js";

const FORMAT = "amortis-checkpoint";
const NAME = "nbe-discrete";
const path = temporaryFolder();

/** What training says of a checkpoint that is changed, and whose checksums are made to fit. */
async function refusal(change: (given: Container) => Container): Promise<string> {
  const golden = new URL(`../golden-files/files/${NAME}.checkpoint`, import.meta.url);
  const container = await readContainer(new Uint8Array(await readFile(golden)), FORMAT, 1, NAME);
  const checkpoint = path("changed.checkpoint");
  await writeFile(checkpoint, await writeContainer(FORMAT, 1, change(container)));
  const known = CASES.find(({ name }) => name === NAME);
  if (known === undefined) throw new TypeError("there is such a case");
  const options = { ...TRAINING, ...known.training, checkpoint };
  const error: unknown = await train(await known.method(""), options).catch(
    (caught: unknown) => caught,
  );
  if (!(error instanceof FileError)) throw new TypeError(`not refused: ${String(error)}`);
  expect(error.message).not.toContain("\n");
  return error.message;
}

const withContent =
  (changed: Readonly<Record<string, unknown>>) =>
  ({ content, parts }: Container): Container => ({
    content: { ...(content as object), ...changed },
    parts,
  });

const withPart =
  (name: string, part: Uint8Array | undefined) =>
  ({ content, parts }: Container): Container => {
    const { [name]: _, ...others } = parts;
    return { content, parts: part === undefined ? others : { ...others, [name]: part } };
  };

describe("checkpoints", () => {
  it.each([
    ["more slots than any optimizer has", withContent({ slots: 1e9 }), /not a checkpoint's/],
    ["a slot too many", withContent({ slots: 3 }), /its part "slot2" has 0 bytes/],
    ["a slot too few", withContent({ slots: 1 }), /it holds .* where the networks and their/],
    ["a negative step", withContent({ step: -1 }), /not a checkpoint's/],
    ["epochs without records", withContent({ epoch: 2 }), /1 records of 2 epoch\(s\)/],
    ["a best epoch to come", withContent({ bestEpoch: 2 }), /the best after 2/],
    ["a part of three bytes", withPart("slot0", new Uint8Array(3)), /"slot0" has 3 bytes/],
    ["an empty part", withPart("best", new Uint8Array()), /"best" has 0 bytes/],
    ["a missing part", withPart("weights", undefined), /"weights" has 0 bytes/],
    ["other weights", withPart("weights", new Uint8Array(8)), /it holds 2, .* numbers, where/],
    ["other best weights", withPart("best", new Uint8Array(8)), /it holds .* 2 numbers, where/],
    [
      "weights that are no numbers",
      withPart("weights", new Uint8Array(Float32Array.of(1, Number.NaN).buffer)),
      /"weights" holds numbers that are not finite/,
    ],
    [
      "scales of zero",
      withContent({ standardization: { data: {}, parameters: { mean: [0, 0], sd: [1, 0] } } }),
      /not a checkpoint's/,
    ],
  ])("of %s are refused", async (_, change, message) => {
    expect(await refusal(change)).toMatch(message);
  });
});
