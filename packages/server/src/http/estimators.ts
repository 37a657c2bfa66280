/**
 * The own API: what estimators there are, and their answers.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { toJson } from "../numbers.js";
import type { Limits } from "../options.js";
import { Problem } from "../problems.js";
import type { Check, Form, Question } from "../questions.js";
import type { Served } from "../served.js";
import type { Ask } from "./answer.js";
import { responses } from "./openapi.js";
import { Reader, type Asked } from "./read.js";
import {
  answerSchema,
  bodyOf,
  describeServed,
  estimatorSchema,
  jsonSchema,
  queryOf,
  type JsonSchema,
} from "./schemas.js";

const NPY = "application/x-npy";
const JSON_TYPE = "application/json";

/** A file as bytes, in OpenAPI's words. */
const NPY_SCHEMA: JsonSchema = {
  type: "string",
  contentMediaType: NPY,
  description: "NumPy's format: float32 or float64, [...shape] or [n, ...shape].",
};

/** Registers the routes. */
export function addEstimators(
  app: FastifyInstance,
  all: readonly Served[],
  limits: Limits,
  ask: Ask,
): void {
  app.addContentTypeParser(
    [NPY, "application/octet-stream"],
    { parseAs: "buffer" },
    (_, body, done) => {
      done(null, body);
    },
  );
  app.get(
    "/v1/estimators",
    {
      schema: {
        summary: "The estimators there are",
        tags: ["estimators"],
        response: responses(
          jsonSchema(z.object({ estimators: z.array(estimatorSchema) }), "output"),
        ),
      },
    },
    () => ({ estimators: all.map(describeServed) }),
  );
  for (const served of all) addEstimator(app, served, limits, ask);
}

function addEstimator(app: FastifyInstance, served: Served, limits: Limits, ask: Ask): void {
  const { name } = served;
  app.get(
    `/v1/estimators/${name}`,
    {
      schema: {
        summary: `What ${name} is`,
        tags: [name],
        response: responses(jsonSchema(estimatorSchema, "output")),
      },
    },
    () => describeServed(served),
  );
  const reader = new Reader(served, limits);
  const hasArray = Object.keys(served.specs).length === 1;
  app.post(
    `/v1/estimators/${name}/infer`,
    {
      schema: {
        summary: `Answer data sets by ${name}`,
        description: `It answers with ${served.about.words}.`,
        tags: [name],
        // In the address they are texts, which `Reader` reads.
        querystring: jsonSchema(queryOf(served, limits)),
        body: {
          required: true,
          content: {
            [JSON_TYPE]: { schema: jsonSchema(bodyOf(served, limits).required({ data: true })) },
            ...(hasArray && { [NPY]: { schema: NPY_SCHEMA } }),
          },
        },
        response: responses(jsonSchema(answerSchema, "output"), {
          others: { [NPY]: { schema: NPY_SCHEMA } },
          problems: [400, 406, 408, 413, 415, 422, 429, 503, 504],
        }),
      },
    },
    async (request, reply) => {
      const asked = Buffer.isBuffer(request.body)
        ? reader.npy(request.body, request.query)
        : reader.json(request.body, request.query);
      const form = formOf(request, asked);
      const { check, body = new Uint8Array() } = await ask(name, questionOf(asked, form), reply);
      return send(reply, form, check, body);
    },
  );
}

/** What threads are sent of a request. */
export function questionOf({ data, options, draws }: Asked, form: Form): Question {
  return { data, options, draws, form };
}

/** What a client can read, by its Accept header. */
function formOf(request: FastifyRequest, { withDraws }: Asked): Form {
  const accept = request.headers.accept ?? "*/*";
  const types = accept.split(",").map((part) => part.split(";", 1)[0]?.trim().toLowerCase());
  const json = types.some(
    (type) => type === JSON_TYPE || type === "application/*" || type === "*/*",
  );
  const npy = types.includes(NPY);
  // Who names it wants it.
  if (npy) return "npy";
  if (json || accept.trim() === "") return withDraws ? "draws" : "summary";
  throw new Problem(
    "not-acceptable",
    `answers are ${JSON_TYPE} or ${NPY}, but the client accepts ${accept}`,
  );
}

function send(reply: FastifyReply, form: Form, check: Check, body: Uint8Array): FastifyReply {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (form !== "npy") return reply.type(JSON_TYPE).send(bytes);
  return reply.type(NPY).header("amortis-check", headerOf(check)).send(bytes);
}

/** Characters of warnings that go into a header. */
const LONGEST = 2_000;

/** The check of the data where the answer itself has no place for it: JSON in ASCII. */
function headerOf({ warnings, ...check }: Check): string {
  const short = warnings.map((warning) => warning.slice(0, LONGEST / warnings.length));
  return toJson({ ...check, warnings: short }).replaceAll(
    /[^\x20-\x7e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
