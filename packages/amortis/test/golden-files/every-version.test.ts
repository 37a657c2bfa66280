/**
 * Files of every version answer as they did when they were written: in Node, and in a browser.
 */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { load } from "../../src/index.js";
import { readBytes } from "../../src/files/index.js";
import { answersOf } from "./answers.js";
import { CASES } from "./cases.js";
import { CASES_2 } from "./cases-2.js";
import { expectAnswers, SINGLE } from "./expect-close.js";

const numbers = z.array(z.number());
const schema = z.object({
  // What is not there of data is NaN, which JSON has not.
  question: z.object({
    data: z.record(
      z.string(),
      z.array(
        z
          .number()
          .nullable()
          .transform((value) => value ?? NaN),
      ),
    ),
    theta: numbers,
  }),
  answers: z.record(z.string(), numbers),
});

// A file that there is, which a server of modules knows by another address.
const here = new URL("./answers.ts", import.meta.url);

/** Where a golden file lies. */
const at = (path: string): URL => new URL(path, here);

describe.each([
  { version: 1, folder: "files", cases: CASES },
  { version: 2, folder: "files-2", cases: CASES_2 },
])("files of version $version", ({ folder, cases }) => {
  it.each(cases)("$name answers as it did", async ({ name, model }) => {
    const text = new TextDecoder().decode(await readBytes(at(`${folder}/${name}.json`)));
    const { question, answers } = schema.parse(JSON.parse(text));
    const fitted = await load(at(`${folder}/${name}.amortis`), { model, onWarning: () => {} });
    expect(fitted.parameterNames).toEqual(model.parameterNames);
    expectAnswers(await answersOf(fitted, model, question), answers, SINGLE);
    // Nor does a file need its model, or anything but what it holds, to be written again.
    const alone = await load(await fitted.toBytes(), { onWarning: () => {} });
    await fitted.release();
    expectAnswers(await answersOf(alone, model, question), answers, SINGLE);
    await alone.release();
  });
});
