/**
 * A load of requests over connections that stay open, each with one request under way at a time. Run as a process of its own, so that what it takes is not the server's:
 *
 *     tsx load.ts '{ "url": "http://127.0.0.1:8080/...", "connections": 16, "seconds": 5, "body": "..." }'
 *
 * It prints one JSON document: how many were answered with what status, how many connections ended before an answer, and quantiles of the milliseconds from a request to
 * the last byte of its answer.
 */
import { connect, type Socket } from "node:net";

/** What is asked. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly body: string;
}

/** What came of it. */
export interface LoadResult {
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests whose connection ended before they were answered. */
  readonly lost: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** The request as bytes: the same each time. */
export function requestOf({ url, body }: Pick<Load, "url" | "body">): Buffer {
  const { host, pathname, search } = new URL(url);
  const lines = [
    `POST ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Reads responses of known length off a connection. */
export class Responses {
  #bytes: Buffer = Buffer.alloc(0);

  /** The status of each response that these bytes complete. */
  *feed(chunk: Buffer): Generator<number> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (true) {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = this.#bytes.subarray(0, end).toString("latin1");
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (this.#bytes.length < end + 4 + length) return;
      this.#bytes = this.#bytes.subarray(end + 4 + length);
      yield Number(head.slice(9, 12));
    }
  }
}

/** Puts the load on a server. */
export async function putLoad(load: Load): Promise<LoadResult> {
  const request = requestOf(load);
  const { hostname, port } = new URL(load.url);
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  let lost = 0;
  const until = performance.now() + 1_000 * load.seconds;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const responses = new Responses();
      let since = 0;
      let waiting = false;
      const ask = (): void => {
        if (performance.now() > until) {
          end(socket);
          return;
        }
        since = performance.now();
        waiting = true;
        socket.write(request);
      };
      socket.on("connect", ask);
      socket.on("data", (chunk) => {
        for (const status of responses.feed(chunk)) {
          waiting = false;
          latencies.push(performance.now() - since);
          statuses[status] = (statuses[status] ?? 0) + 1;
          ask();
        }
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        if (waiting) lost++;
        resolve();
      });
    });
  const started = performance.now();
  await Promise.all(Array.from({ length: load.connections }, one));
  const seconds = (performance.now() - started) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  const perSecond = latencies.length / seconds;
  return { statuses, lost, perSecond, p50: at(0.5), p99: at(0.99) };
}

function end(socket: Socket): void {
  socket.end();
}

if (process.argv[1] === import.meta.filename) {
  const load: Load = JSON.parse(process.argv[2] ?? "{}");
  console.log(JSON.stringify(await putLoad(load)));
}
