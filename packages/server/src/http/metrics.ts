/**
 * What is counted, for Prometheus.
 */
import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Check } from "../questions.js";

/** What is counted. */
export interface Metrics {
  /** A batch was answered. */
  batch(requests: number, seconds: number): void;
  /** A request was answered. */
  answer(estimator: string, check: Check): void;
}

/**
 * Counts requests, and registers `/metrics`.
 *
 * @param waiting says how many requests wait.
 */
export function addMetrics(app: FastifyInstance, waiting: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: "amortis_http_request_seconds",
    help: "Seconds from a request to its answer, by route and status",
    labelNames: ["route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const batches = new Histogram({
    name: "amortis_batch_requests",
    help: "Requests that were answered in one run",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  });
  const running = new Histogram({
    name: "amortis_batch_seconds",
    help: "Seconds that a thread took for a batch",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const count = (name: string, help: string): Counter<"estimator"> =>
    new Counter({ name, help, labelNames: ["estimator"], registers });
  const answers = count("amortis_answers_total", "Requests that were answered");
  const warned = count("amortis_warned_answers_total", "Answers that came with a warning");
  const untypical = count(
    "amortis_untypical_answers_total",
    "Answers to data of typicality below 0.01",
  );
  const refused = count("amortis_refused_data_sets_total", "Data sets that were refused");
  const queue = new Gauge({
    name: "amortis_queue_requests",
    help: "Requests that wait for a thread",
    registers,
    collect: () => {
      queue.set(waiting());
    },
  });
  app.addHook("onResponse", (request, reply, done) => {
    // The pattern, not the address: whatever clients ask for makes no new series.
    const route = request.routeOptions.url ?? "none";
    seconds.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  app.get("/metrics", { schema: { hide: true } }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  return {
    batch: (requests, took) => {
      batches.observe(requests);
      running.observe(took);
    },
    answer: (estimator, check) => {
      answers.inc({ estimator });
      if (check.warnings.length > 0) warned.inc({ estimator });
      if ((check.typicality ?? 1) < UNTYPICAL) untypical.inc({ estimator });
      refused.inc({ estimator }, check.refused);
    },
  };
}

/** The p-value below which answers are warned of. */
const UNTYPICAL = 0.01;
