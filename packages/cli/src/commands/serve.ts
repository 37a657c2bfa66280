/**
 * `amortis serve`: estimators over HTTP, by a package of its own.
 */
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import type { Command } from "commander";
import { Option } from "commander";
import { UsageError } from "../failures.js";
import { locatePackage } from "../optional.js";
import { MOST_THREADS, positive, printAside, wholeFrom } from "../options.js";

interface ServeArguments {
  readonly host?: string;
  readonly port?: number;
  readonly threads?: number;
  readonly batch?: number;
  readonly runtime?: "wasm" | "native";
  readonly tokens?: string;
  readonly maxBody?: number;
  readonly maxDataSets?: number;
  readonly maxSamples?: number;
  readonly queue?: number;
  readonly timeout?: number;
  readonly mcp?: true;
  readonly quiet?: true;
}

const LARGEST_PORT = 65_535;

const DETAILS = `
Each file is served under its name without .amortis. GET /docs shows what there is, GET /openapi.json says it to programs:
  POST /v1/estimators/NAME/infer    { "data": [...], "samples": 1000, "seed": 7, "draws": true }, or a .npy file
  POST /v2/models/NAME/infer        the Open Inference Protocol: clients of KServe, Triton and Seldon
  GET  /healthz, GET /metrics       for those who look after it (Prometheus)

It listens to this machine alone unless --host says otherwise. --tokens names a file of bearer tokens, one a line, of 16 characters or more; then every request must
carry one. SIGTERM and Ctrl-C end it once all that it accepted is answered.

--mcp serves the program that starts it instead, on standard input and output, by the Model Context Protocol: tools for agents to list and describe estimators, and to infer. In
the configuration of such a program: { "command": "npx", "args": ["amortis", "serve", "field.amortis", "--mcp"] }.

Examples:
  amortis serve field.amortis
  amortis serve field.amortis ratio.amortis --port 9000 --threads 4
  amortis serve field.amortis --host 0.0.0.0 --tokens tokens.txt
  curl -H 'content-type: application/x-npy' --data-binary @field.npy 'http://127.0.0.1:8080/v1/estimators/field/infer?samples=1000'`;

/** What the subcommand takes and does. */
export function addServe(command: Command): void {
  command
    .description("Answer data sets over HTTP.")
    .argument("<FILE.amortis...>", "estimators that `amortis train` wrote")
    .option(
      "--port <P>",
      "port to listen at; 0 takes a free one (default: 8080)",
      wholeFrom(0, LARGEST_PORT),
    )
    .option("--host <H>", "address to listen at (default: 127.0.0.1)")
    .option(
      "--threads <T>",
      "threads that answer (default: as many as processors)",
      wholeFrom(1, MOST_THREADS),
    )
    .option(
      "--batch <N>",
      "requests that are answered in one run, at most (default: 64)",
      wholeFrom(1),
    )
    .addOption(
      new Option(
        "--runtime <R>",
        "what runs the networks: wasm, the engine's own, or native, ONNX Runtime, for files you trust (default: wasm)",
      ).choices(["wasm", "native"]),
    )
    .option("--tokens <FILE>", "file of bearer tokens, one a line")
    .option("--max-body <BYTES>", "bytes of a request (default: 8 MiB)", wholeFrom(1))
    .option("--max-data-sets <N>", "data sets of a request (default: 256)", wholeFrom(1))
    .option("--max-samples <N>", "draws of a posterior (default: 10,000)", wholeFrom(1))
    .option(
      "--queue <N>",
      "requests that wait for a thread; beyond, 429 (default: 1,024)",
      wholeFrom(1),
    )
    .option(
      "--timeout <SECONDS>",
      "for a request to arrive, and for its answer (default: 30)",
      positive,
    )
    .addOption(
      new Option(
        "--mcp",
        "serve an agent on standard input and output, by the Model Context Protocol",
      ).conflicts(["port", "host", "tokens", "maxBody"]),
    )
    .option("--quiet", "log no requests")
    .addHelpText("after", DETAILS)
    .action(runServe);
}

async function runServe(files: readonly string[], options: ServeArguments): Promise<void> {
  locatePackage("@amortis/server", "the server");
  if (options.mcp === true) {
    await runMcp(files, options);
    return;
  }
  const { serve } = await import("@amortis/server");
  const { maxBody } = options;
  const { host, port, threads, batch, runtime } = options;
  const tokens = options.tokens === undefined ? [] : await readTokens(options.tokens);
  const server = await serve(files, {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(threads !== undefined && { threads }),
    ...(batch !== undefined && { batch }),
    ...(runtime && { runtime }),
    tokens,
    log: options.quiet !== true,
    limits: { ...(maxBody !== undefined && { body: maxBody }), ...limitsOf(options) },
  });
  printAside(
    `${server.url} answers by ${server.estimators.join(", ")}; ${server.url}/docs shows how to ask`,
  );
  if (tokens.length === 0 && host !== undefined && !isLoopback(host)) {
    printAside(`note: whoever reaches ${host} may ask: --tokens asks for a token`);
  }
  const ended = await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  printAside(`${String(ended[0] ?? "signal")}: answering what was accepted`);
  await server.close();
}

/** Serves the program that started this process, until it closes standard input. */
async function runMcp(files: readonly string[], options: ServeArguments): Promise<void> {
  const { serveMcp } = await import("@amortis/server");
  const { threads, batch, runtime } = options;
  const server = await serveMcp(files, {
    ...(threads !== undefined && { threads }),
    ...(batch !== undefined && { batch }),
    ...(runtime && { runtime }),
    limits: limitsOf(options),
  });
  printAside(`tools for ${server.estimators.join(", ")}, by the Model Context Protocol`);
  await Promise.race([server.ended, once(process, "SIGINT"), once(process, "SIGTERM")]);
  await server.close();
  // What is left of standard input would keep the process.
  process.stdin.destroy();
}

/** Limits that both ways of serving have. */
function limitsOf({ maxDataSets, maxSamples, queue, timeout }: ServeArguments) {
  return {
    ...(maxDataSets !== undefined && { dataSets: maxDataSets }),
    ...(maxSamples !== undefined && { samples: maxSamples }),
    ...(queue !== undefined && { queue }),
    ...(timeout !== undefined && { seconds: timeout }),
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** @throws UsageError where there is no such file, no token in it, or one that is too short. */
async function readTokens(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new UsageError(`--tokens: ${path} cannot be read`, { cause });
  });
  const tokens = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const bad = tokens.findIndex((token) => !/^\S{16,}$/.test(token));
  if (tokens.length === 0 || bad >= 0) {
    throw new UsageError(
      `--tokens: ${path} must hold tokens of 16 characters or more, without spaces, one a line${bad >= 0 ? `; token ${bad + 1} is none` : ""}`,
    );
  }
  return tokens;
}
