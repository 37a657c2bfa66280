/**
 * Whatever goes wrong, as a problem document.
 */
import type { Socket } from "node:net";
import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyInstance, FastifyRequest } from "fastify";
import { toJson } from "../numbers.js";
import { Problem, problemOfStatus, PROBLEM_TYPE } from "../problems.js";

/** Registers handlers of errors, and of addresses that are none. */
export function addErrors(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    // What was wrong may quote data, and is for the client alone.
    request.log.info({ problem: problem.kind }, "problem");
    if (problem.kind === "internal")
      request.log.error({ name: error.name, stack: frames(error) }, "internal");
    void reply
      .code(problem.status)
      .headers(problem.headers)
      .type(PROBLEM_TYPE)
      .send(Buffer.from(toJson(problem.document)));
  });
  // Before a body is read: it is nobody's.
  app.addHook("onRequest", (request, _, done) => {
    if (request.is404) throw nowhere(request, methods.get(pathOf(request)));
    done();
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0] ?? "";
}

/** @param known methods of the address, if it is one. */
function nowhere({ method }: FastifyRequest, known: ReadonlySet<string> | undefined): Problem {
  if (known === undefined) {
    return new Problem(
      "not-found",
      "there is nothing at this address: GET /v1/estimators lists the estimators",
    );
  }
  const allow = [...known].join(", ");
  return new Problem("method-not-allowed", `this address takes ${allow}, not ${method}`, {
    headers: { allow },
  });
}

/** Where an error happened, without its message. */
function frames({ stack = "" }: Error): string {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}

function problemOf(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  const { statusCode = 500 } = error;
  if (statusCode >= 500)
    return new Problem("internal", "something failed in the server: its log says what");
  return problemOfStatus(statusCode, error.message);
}

/** What Node's parser of HTTP refuses before there is a request. */
const REFUSALS: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request took too long to arrive"],
  HPE_HEADER_OVERFLOW: [431, "the headers are too large"],
};

/** Answers what is no request, or arrives too slowly, and closes the connection. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  // Nobody is there any more.
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = REFUSALS[error.code ?? ""] ?? [400, "this is no HTTP request"];
  const body = toJson(problemOfStatus(status, detail).document);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
