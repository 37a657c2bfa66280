/**
 * Estimators as tools of the Model Context Protocol: what there are, what one takes, and its answers.
 *
 * Reference: Model Context Protocol, revision 2026-07-28, tools (https://modelcontextprotocol.io/specification).
 */
import { AmortisError } from "amortis/answers";
import type { CallToolResult, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { questionOf } from "../http/estimators.js";
import { Reader } from "../http/read.js";
import {
  bodyOf,
  describeServed,
  estimatorSchema,
  jsonSchema,
  optionSchemas,
} from "../http/schemas.js";
import { toJson } from "../numbers.js";
import type { Limits } from "../options.js";
import { Problem } from "../problems.js";
import type { Answered, Question } from "../questions.js";
import type { Served } from "../served.js";

/** Puts questions to the threads; rejects with a `Problem` where there is no answer. */
export type AskTool = (
  estimator: string,
  question: Question,
  signal: AbortSignal,
) => Promise<Answered>;

/** Nothing is changed by any of them, and what is asked twice is answered alike. */
const annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };

/** Registers the tools. */
export function addTools(
  server: McpServer,
  all: readonly Served[],
  limits: Limits,
  ask: AskTool,
): void {
  const byName = new Map(
    all.map((served) => [served.name, { served, reader: new Reader(served, limits) }]),
  );
  const find = (name: string) => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    throw new Problem(
      "not-found",
      `there is no estimator "${name}": ${[...byName.keys()].join(", ")}`,
    );
  };
  const estimator = z.string().describe("Its name, as list_estimators says it.");

  server.registerTool(
    "list_estimators",
    {
      title: "Estimators",
      description:
        "Which trained estimators there are: of what model each is, which parameters it infers, which arrays of data it takes.",
      outputSchema: z.object({ estimators: z.array(estimatorSchema) }),
      annotations,
    },
    () => structured({ estimators: all.map(describeServed) }),
  );

  server.registerTool(
    "describe_estimator",
    {
      title: "What an estimator takes",
      description:
        "Of one estimator: its model, parameters and arrays with their shapes, and the JSON Schema of `data` and of the options that infer takes for it.",
      inputSchema: z.object({ estimator }),
      annotations,
    },
    (asked) =>
      answered(async () => {
        const { served } = find(asked.estimator);
        return structured({
          ...describeServed(served),
          request: jsonSchema(bodyOf(served, limits).required({ data: true })),
        });
      }),
  );

  server.registerTool(
    "infer",
    {
      title: "Infer parameters from data",
      description:
        "Answers data sets by an estimator: posterior means, standard deviations and quantiles of the parameters, or estimates. Read `warnings` and `typicality` before the numbers: a typicality near 0 says that the data are " +
        "unlike any that the model makes, and that the answer is not to be believed.",
      inputSchema: z.object({
        estimator,
        data: z
          .unknown()
          .describe(
            "One data set, or several along the leading axis: nested lists of numbers, or an object of them by the names of the arrays; null is a missing value, where values may be missing.",
          ),
        ...z.strictObject(optionSchemas(limits)).partial().shape,
      }),
      annotations,
    },
    ({ estimator: name, data, ...options }, { mcpReq: { signal } }) =>
      answered(async () => {
        const { reader } = find(name);
        const asked = reader.json({ data, ...options }, {});
        const form = asked.withDraws ? "draws" : "summary";
        const { body = new Uint8Array() } = await ask(name, questionOf(asked, form), signal);
        const text = new TextDecoder().decode(body);
        const document: Readonly<Record<string, unknown>> = JSON.parse(text);
        return { content: [{ type: "text", text }], structuredContent: { ...document } };
      }),
  );
}

/** A document as the text and the value of a result. */
function structured(document: Readonly<Record<string, unknown>>): CallToolResult {
  return {
    content: [{ type: "text", text: toJson(document) }],
    structuredContent: { ...document },
  };
}

/** What is wrong with a question is a result that says so: whoever asked can mend it. */
async function answered(answer: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof Problem || error instanceof AmortisError)) throw error;
    return { content: [{ type: "text", text: error.message }], isError: true };
  }
}
