/**
 * A server of estimators.
 */
import { InvalidArgumentError, RepeatedNameError, requireNamesOnce } from "amortis/answers";
import Fastify, { type FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { asker } from "./http/answer.js";
import { requireTokens } from "./http/auth.js";
import { addErrors, refuseConnection } from "./http/errors.js";
import { addEstimators } from "./http/estimators.js";
import { addMetrics } from "./http/metrics.js";
import { addDocs, collectSchemas, responses } from "./http/openapi.js";
import { jsonSchema } from "./http/schemas.js";
import { toJson } from "./numbers.js";
import { addOpenInference } from "./oip/routes.js";
import { optionsSchema, type Resolved, type ServerOptions } from "./options.js";
import { Problem } from "./problems.js";
import { Batcher } from "./queue/batcher.js";
import { startPool } from "./queue/pool.js";
import { readServed, sentTo, type Served } from "./served.js";

/** A server that listens. */
export interface RunningServer {
  /** Where: "http://127.0.0.1:8080". */
  readonly url: string;
  /** Names of what it serves. */
  readonly estimators: readonly string[];
  /** Accepts nothing more, answers what it accepted, and ends. */
  close(): Promise<void>;
}

/**
 * Serves estimators until it is closed.
 *
 * @param files paths of estimators' files; each is served under the file's name without .amortis.
 * @throws FileError where one cannot be loaded; InvalidArgumentError where an option is out of its range, or the port is taken.
 * @example
 * const server = await serve(["field.amortis"], { port: 8080 });
 * await fetch(`${server.url}/v1/estimators/field/infer`, { method: "POST", ... });
 * await server.close();
 */
export async function serve(
  files: readonly string[],
  options: ServerOptions = {},
): Promise<RunningServer> {
  const resolved = resolve(options);
  const served = await readServed(files);
  const { runtime, threads, limits } = resolved;
  const pool = await startPool(
    { estimators: served.map(sentTo), runtime },
    { threads, seconds: limits.seconds },
  );
  try {
    return await listen(served, resolved, pool);
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** @throws InvalidArgumentError naming the first option that is out of its range. */
function resolve(options: ServerOptions): Resolved {
  const { data, error } = optionsSchema.safeParse(options);
  if (data !== undefined) return data;
  const [first] = error.issues;
  throw new InvalidArgumentError(`serve: ${first?.path.join(".") ?? ""} ${first?.message ?? ""}`);
}

type Pool = Awaited<ReturnType<typeof startPool>>;

async function listen(
  served: readonly Served[],
  options: Resolved,
  pool: Pool,
): Promise<RunningServer> {
  const { host, port } = options;
  const { app, batcher, state } = await build(served, options, pool);
  await app.listen({ host, port }).catch((cause: unknown) => {
    throw new InvalidArgumentError(whyNot(cause, host, port), { cause });
  });
  return {
    url: urlOf(app),
    estimators: served.map(({ name }) => name),
    close: async () => {
      state.closing = true;
      // Connections that are idle are closed, and those in use once they are answered.
      const closed = app.close();
      await batcher.drained();
      const closing = setInterval(() => {
        app.server.closeIdleConnections();
      }, SHORT);
      await closed;
      clearInterval(closing);
      await pool.close();
    },
  };
}

/** Why a server cannot listen. */
function whyNot(cause: unknown, host: string, port: number): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE") {
    return `port ${port} of ${host} is taken: choose another, or 0 for a free one`;
  }
  return `the server cannot listen at port ${port} of ${host}: ${String(cause)}`;
}

/** Milliseconds between looks at connections that are to be closed once they are idle. */
const SHORT = 20;

function urlOf(app: FastifyInstance): string {
  const { address, port, family }: AddressInfo = app.server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

async function build(served: readonly Served[], options: Resolved, pool: Pool) {
  const { limits, batch, threads, tokens } = options;
  const state = { closing: false };
  const app = makeApp(options);
  requireTokens(app, tokens);
  addErrors(app);
  await collectSchemas(app, tokens.length > 0);
  const metrics = addMetrics(app, () => batcher.waiting);
  const batcher = new Batcher({
    run: (questions) => pool.run(questions),
    slots: threads,
    most: batch,
    queue: limits.queue,
    seconds: limits.seconds,
    onBatch: (requests, seconds) => {
      metrics.batch(requests, seconds);
    },
  });
  const ask = asker(batcher, (estimator, { check }) => {
    metrics.answer(estimator, check);
  });
  addHealth(app, state);
  addEstimators(app, served, limits, ask);
  await addOpenInference(app, { served, limits, ask, ready: () => !state.closing });
  addDocs(app);
  await app.ready();
  return { app, batcher, state };
}

/** Milliseconds between looks at connections that are slow. */
const LOOK = 1_000;

function makeApp({ limits, log }: Resolved): FastifyInstance {
  const milliseconds = limits.arrival * 1_000;
  const app = Fastify({
    bodyLimit: limits.body,
    // Of requests: a body that trickles in is refused.
    requestTimeout: milliseconds,
    // Of connections on which nothing moves: longer than a request may wait and be answered.
    connectionTimeout: milliseconds + 4_000 * limits.seconds,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: milliseconds, connectionsCheckingInterval: LOOK },
    clientErrorHandler: refuseConnection,
    // What is under way is answered; new requests of open connections are too, and told to close.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: false },
    logger: log && {
      level: "info",
      redact: ["req.headers", "req.query"],
      serializers: { req: requestLog },
    },
  });
  app.server.maxConnections = limits.connections;
  // A page can send text to another origin without asking; it cannot send JSON.
  app.removeContentTypeParser("text/plain");
  refuseRepeatedNames(app);
  // Requests are read by `Reader`, by the same schemas: ajv would make numbers of null and texts.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => toJson);
  return app;
}

/** JSON is read as it usually is, but for objects with a name twice. */
function refuseRepeatedNames(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser<string>(
    "application/json",
    { parseAs: "string" },
    (request, text, done) => {
      void parse(request, text, (error, body) => {
        if (error !== null) {
          done(error);
          return;
        }
        try {
          requireNamesOnce(text);
        } catch (cause) {
          if (!(cause instanceof RepeatedNameError)) throw cause;
          done(new Problem("bad-request", cause.message, { cause }));
          return;
        }
        done(null, body);
      });
    },
  );
}

/** A request as it is logged: nothing of its data, nor of what its query says. */
function requestLog(request: {
  readonly method: string;
  readonly url: string;
  readonly ip: string;
}) {
  return { method: request.method, path: request.url.split("?", 1)[0], from: request.ip };
}

function addHealth(app: FastifyInstance, state: { readonly closing: boolean }): void {
  const schema = {
    summary: "Whether the server answers",
    tags: ["health"],
    response: responses(jsonSchema(z.object({ status: z.literal("ok") }), "output")),
  };
  app.get("/healthz", { schema }, () => {
    if (state.closing) throw new Problem("unavailable", "the server is shutting down");
    return { status: "ok" };
  });
}
