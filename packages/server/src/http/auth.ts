/**
 * Bearer tokens.
 *
 * Reference: RFC 6750, "The OAuth 2.0 Authorization Framework: Bearer Token Usage" (2012).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { Problem } from "../problems.js";

/** Addresses that say whether the server lives, and nothing else. */
const OPEN: ReadonlySet<string> = new Set(["/healthz", "/v2/health/live", "/v2/health/ready"]);

/** Asks every request for a token, where there are any. */
export function requireTokens(app: FastifyInstance, tokens: readonly string[]): void {
  if (tokens.length === 0) return;
  const known = tokens.map(digestOf);
  app.addHook("onRequest", (request, _, done) => {
    const path = request.url.split("?", 1)[0] ?? "";
    if (!OPEN.has(path)) check(request.headers.authorization, known);
    done();
  });
}

/** @throws Problem where a header has none of the tokens. */
function check(header: string | undefined, known: readonly Buffer[]): void {
  const given = digestOf(/^Bearer ([^\s]+)$/i.exec(header ?? "")?.[1] ?? "");
  // All are compared, in a time that does not depend on which one it is, or on where they differ.
  let matches = 0;
  for (const token of known) matches += Number(timingSafeEqual(given, token));
  if (matches > 0) return;
  throw new Problem(
    "unauthorized",
    "a bearer token that the server knows is needed: Authorization: Bearer TOKEN",
    {
      headers: { "www-authenticate": 'Bearer realm="amortis"' },
    },
  );
}

/** Of equal length, whatever the token's. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
