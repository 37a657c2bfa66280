/**
 * Estimators for agents: a server of the Model Context Protocol on standard input and output.
 */
import { once } from "node:events";
import { InvalidArgumentError, VERSION } from "amortis/answers";
import type { z } from "zod";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { optionsSchema } from "../options.js";
import { Problem } from "../problems.js";
import { Batcher } from "../queue/batcher.js";
import { startPool } from "../queue/pool.js";
import { readServed, sentTo } from "../served.js";
import { addTools, type AskTool } from "./tools.js";

const mcpSchema = optionsSchema.pick({ threads: true, batch: true, runtime: true, limits: true });

/** How it is set up; what is left out has its default. */
export type McpOptions = z.input<typeof mcpSchema>;

/** A server that answers. */
export interface RunningMcp {
  /** Names of what it serves. */
  readonly estimators: readonly string[];
  /** Resolves once its client has closed standard input. */
  readonly ended: Promise<void>;
  /** Answers what it accepted, and ends. */
  close(): Promise<void>;
}

/**
 * Serves estimators to the program that started this process, by the Model Context Protocol on standard input and output, which nothing else may use then: the tools `list_estimators`,
 * `describe_estimator` and `infer`. They answer as the HTTP server does, with the same checks, limits and seeds.
 *
 * @param files paths of estimators' files; each is served under the file's name without .amortis.
 * @throws FileError where one cannot be loaded; InvalidArgumentError where an option is out of its range.
 * @example
 * const server = await serveMcp(["field.amortis"]);
 * await server.ended;
 * await server.close();
 */
export async function serveMcp(
  files: readonly string[],
  options: McpOptions = {},
): Promise<RunningMcp> {
  const { data: resolved, error } = mcpSchema.strict().safeParse(options);
  if (resolved === undefined) {
    const [first] = error.issues;
    throw new InvalidArgumentError(
      `serveMcp: ${first?.path.join(".") ?? ""} ${first?.message ?? ""}`,
    );
  }
  const { runtime, threads, batch, limits } = resolved;
  const served = await readServed(files);
  const pool = await startPool(
    { estimators: served.map(sentTo), runtime },
    { threads, seconds: limits.seconds },
  );
  const batcher = new Batcher({
    run: (questions) => pool.run(questions),
    slots: threads,
    most: batch,
    queue: limits.queue,
    seconds: limits.seconds,
  });
  const ask: AskTool = async (estimator, question, signal) => {
    const outcome = await batcher.ask(estimator, question, signal);
    if (!("failed" in outcome)) return outcome;
    if (outcome.failed === "data") throw new Problem("bad-data", outcome.message);
    throw new Error(outcome.message);
  };
  const ended = once(process.stdin, "close").then(() => {});
  const handle = serveStdio(() => {
    const server = new McpServer(
      { name: "amortis", version: VERSION },
      {
        instructions:
          "Bayesian inference by trained networks. list_estimators, then describe_estimator for the shapes of the data, then infer.",
      },
    );
    addTools(server, served, limits, ask);
    return server;
  });
  return {
    estimators: served.map(({ name }) => name),
    ended,
    close: async () => {
      await batcher.drained();
      await handle.close();
      await pool.close();
    },
  };
}
