/**
 * How a server is set up.
 */
import { availableParallelism } from "node:os";
import { z } from "zod";

const whole = (least: number, most = 2 ** 31 - 1) => z.int().min(least).max(most);

/** What one request, and all together, may take. */
const limitsSchema = z
  .strictObject({
    /** Bytes of a request's body. */
    body: whole(1).default(8 * 2 ** 20),
    /** Data sets of one request. */
    dataSets: whole(1).default(256),
    /** Draws of each posterior. */
    samples: whole(1).default(10_000),
    /** Numbers of all draws that one request asks for. */
    numbers: whole(1).default(4_000_000),
    /** Requests that wait for a thread; beyond, 429 with Retry-After. */
    queue: whole(1).default(1_024),
    /** Seconds in which a request must have arrived. */
    arrival: z.number().positive().max(86_400).default(30),
    /** Seconds that a request may wait for a thread, and that its answer may take from then on. */
    seconds: z.number().positive().max(86_400).default(30),
    /** Connections at once. */
    connections: whole(1).default(4_096),
  })
  .prefault({});

/** What a server does. */
export const optionsSchema = z.strictObject({
  /** The address to listen at; the machine itself alone unless told otherwise. */
  host: z.string().min(1).default("127.0.0.1"),
  /** 0 takes one that is free. */
  port: whole(0, 65_535).default(8_080),
  /** Threads that answer. */
  threads: whole(1, 1_024).default(() => availableParallelism()),
  /** Requests that are answered in one run, at most; 1 answers each by itself. */
  batch: whole(1, 4_096).default(64),
  /** "wasm", the engine's own, or "native", ONNX Runtime: for files you trust. */
  runtime: z.enum(["wasm", "native"]).default("wasm"),
  /** Where there are any, requests must carry one: `Authorization: Bearer TOKEN`. */
  tokens: z.array(z.string().min(16)).readonly().default([]),
  limits: limitsSchema,
  /** Whether each request is logged, as a line of JSON on standard output. */
  log: z.boolean().default(true),
});

/** How a server is set up; what is left out has its default. */
export type ServerOptions = z.input<typeof optionsSchema>;

/** The same with defaults filled in. */
export type Resolved = z.output<typeof optionsSchema>;

/** What requests may take. */
export type Limits = Resolved["limits"];
