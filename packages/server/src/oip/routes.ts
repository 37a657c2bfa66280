/**
 * The Open Inference Protocol, version 2: clients of KServe, Triton and Seldon work as they are.
 */
import { VERSION } from "amortis/answers";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Ask } from "../http/answer.js";
import { questionOf } from "../http/estimators.js";
import { responses } from "../http/openapi.js";
import { Reader } from "../http/read.js";
import { jsonSchema } from "../http/schemas.js";
import type { Limits } from "../options.js";
import { Problem } from "../problems.js";
import type { Served } from "../served.js";
import { readRequest } from "./read.js";
import {
  modelSchema,
  requestSchema,
  responseSchema,
  serverSchema,
  type InferRequest,
} from "./schemas.js";
import { outputsOf, tensorsOf } from "./tensors.js";
import { writeResponse, type Written } from "./write.js";

/** Estimators have one version: their file. */
const MODEL_VERSION = "1";

const LENGTH = "inference-header-content-length";

/** What the routes need. */
export interface OpenInference {
  readonly served: readonly Served[];
  readonly limits: Limits;
  readonly ask: Ask;
  readonly ready: () => boolean;
}

/** Registers the routes. */
export async function addOpenInference(app: FastifyInstance, about: OpenInference): Promise<void> {
  await app.register((inner, _, done) => {
    // JSON and bytes come in one body, under whatever type clients say it has.
    inner.removeAllContentTypeParsers();
    inner.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, parsed) => {
      parsed(null, body);
    });
    addServer(inner, about);
    for (const served of about.served) {
      for (const base of [
        `/v2/models/${served.name}`,
        `/v2/models/${served.name}/versions/${MODEL_VERSION}`,
      ]) {
        addModel(inner, base, served, about);
      }
    }
    done();
  });
}

function addServer(app: FastifyInstance, { ready }: OpenInference): void {
  const health = (name: string) => ({
    schema: {
      summary: `Whether the server is ${name}`,
      tags: ["open inference protocol"],
      response: responses(jsonSchema(z.object({ [name]: z.boolean() }), "output")),
    },
  });
  app.get("/v2/health/live", health("live"), () => ({ live: true }));
  app.get("/v2/health/ready", health("ready"), () => {
    requireReady(ready);
    return { ready: true };
  });
  app.get(
    "/v2",
    {
      schema: {
        summary: "What the server is",
        tags: ["open inference protocol"],
        response: responses(jsonSchema(serverSchema, "output")),
      },
    },
    () => ({ name: "amortis", version: VERSION, extensions: ["binary_tensor_data"] }),
  );
}

function requireReady(ready: () => boolean): void {
  if (!ready()) throw new Problem("unavailable", "the server is shutting down");
}

function addModel(
  app: FastifyInstance,
  base: string,
  served: Served,
  { limits, ask, ready }: OpenInference,
): void {
  const tags = ["open inference protocol"];
  app.get(
    base,
    {
      schema: {
        summary: "What a model takes and gives",
        tags,
        response: responses(jsonSchema(modelSchema, "output")),
      },
    },
    () => describe(served),
  );
  const readySchema = z.object({ name: z.string(), ready: z.boolean() });
  app.get(
    `${base}/ready`,
    {
      schema: {
        summary: "Whether a model answers",
        tags,
        response: responses(jsonSchema(readySchema, "output")),
      },
    },
    () => {
      requireReady(ready);
      return { name: served.name, ready: true };
    },
  );
  const reader = new Reader(served, limits);
  app.post(
    `${base}/infer`,
    {
      schema: {
        summary: "Answer data sets",
        description: `Options are parameters of the request: ${served.about.options.filter((one) => one === "samples" || one === "seed").join(", ") || "none"}.`,
        tags,
        body: jsonSchema(requestSchema),
        response: responses(jsonSchema(responseSchema, "output"), {
          problems: [400, 408, 413, 415, 422, 429, 503, 504],
        }),
      },
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { request: asked, data } = readRequest(body, lengthHeader(request), served.specs);
      const question = questionOf(reader.arrays(data, optionsOf(asked)), "sheet");
      const { check, sheet } = await ask(served.name, question, reply);
      if (sheet === undefined) throw new Error("a thread gave no arrays");
      const about = { name: served.name, version: MODEL_VERSION };
      return send(reply, writeResponse(about, asked, tensorsOf(served, sheet), check));
    },
  );
}

/** What the request's parameters say of the answer; those of the protocol itself say how it is written. */
function optionsOf({ parameters = {} }: InferRequest): Record<string, unknown> {
  const { binary_data_output: _, ...options } = parameters;
  return options;
}

function lengthHeader(request: FastifyRequest): string | undefined {
  const value = request.headers[LENGTH];
  return Array.isArray(value) ? value.join(",") : value;
}

function send(reply: FastifyReply, { json, bytes }: Written): FastifyReply {
  if (bytes.length === 0) return reply.type("application/json").send(json);
  return reply
    .type("application/octet-stream")
    .header(LENGTH, json.length)
    .send(Buffer.concat([json, ...bytes]));
}

function describe(served: Served): z.output<typeof modelSchema> {
  return {
    name: served.name,
    versions: [MODEL_VERSION],
    platform: "amortis",
    inputs: Object.entries(served.specs).map(([name, { shape, varies }]) => ({
      name,
      datatype: "FP32",
      shape: [-1, ...shape.map((size, axis) => (axis === 0 && varies ? -1 : size))],
    })),
    outputs: outputsOf(served).map(({ name, shape }) => ({
      name,
      datatype: name === "draws" || name === "summary" ? "FP32" : "FP64",
      shape: [...shape],
    })),
  };
}
