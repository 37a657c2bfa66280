/**
 * The OpenAPI document, from the schemas of the routes, and a page that shows it.
 */
import swagger from "@fastify/swagger";
import { VERSION } from "amortis/answers";
import type { FastifyInstance } from "fastify";
import { PROBLEM_TYPE, PROBLEMS } from "../problems.js";
import { docsPage } from "./docs-page.js";
import { jsonSchema, problemSchema, type JsonSchema } from "./schemas.js";

/** How else a route may answer. */
export interface OtherResponses {
  /** Other media types of the answer. */
  readonly others?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  /** Statuses of problems, beside those that every route may have. */
  readonly problems?: readonly number[];
}

const ALWAYS = [401, 431, 500, 503];

/** Responses of a route: what it answers with, and problem documents. */
export function responses(
  schema: JsonSchema,
  { others = {}, problems = [] }: OtherResponses = {},
): JsonSchema {
  const problem = { [PROBLEM_TYPE]: { schema: jsonSchema(problemSchema, "output") } };
  const statuses = new Set([...ALWAYS, ...problems]);
  return {
    200: { description: "The answer", content: { "application/json": { schema }, ...others } },
    ...Object.fromEntries(
      [...statuses].map((status) => [status, { description: titleOf(status), content: problem }]),
    ),
  };
}

function titleOf(status: number): string {
  const found = Object.entries(PROBLEMS).find(([, own]) => own === status);
  return found?.[0].replaceAll("-", " ") ?? "problem";
}

/** Registers the collector of schemas; routes that come later are in the document. */
export async function collectSchemas(app: FastifyInstance, secured: boolean): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Amortis",
        description: "Amortized Bayesian inference: posteriors of data sets in milliseconds.",
        version: VERSION,
      },
      ...(secured && {
        components: { securitySchemes: { token: { type: "http" as const, scheme: "bearer" } } },
        security: [{ token: [] }],
      }),
    },
  });
}

/** Registers `/openapi.json` and `/docs`. */
export function addDocs(app: FastifyInstance): void {
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  app.get("/docs", { schema: { hide: true } }, (_, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
      .send(docsPage(app.swagger())),
  );
}
