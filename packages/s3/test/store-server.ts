/**
 * A store of objects in memory that speaks as much of S3's protocol as folders need, and that may be slow, unreliable, or ignorant of conditions, as real ones are.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** How a store behaves. */
export interface StoreHabits {
  /** Whether it honours `If-None-Match: *`. */
  readonly conditions?: boolean;
  /** Of so many requests one is refused by "503 Slow Down", and of as many answers one breaks off. */
  readonly failing?: number;
  /** Milliseconds that each request takes. */
  readonly delay?: number;
  /** Names a listing has at most. */
  readonly page?: number;
}

/** A store under way. */
export interface Store {
  readonly endpoint: string;
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Keys in the order in which they were written, as often as they were. */
  readonly written: readonly string[];
  /** Takes an object away. */
  lose(key: string): void;
  close(): Promise<void>;
}

/** Starts one with a bucket named "bucket". */
export async function startStore(habits: StoreHabits = {}): Promise<Store> {
  const { conditions = true, failing = Infinity, delay = 0, page = 1_000 } = habits;
  const objects = new Map<string, Buffer>();
  const written: string[] = [];
  let requests = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    requests++;
    if (requests % failing === 0) return fail(response, 503, "SlowDown");
    const url = new URL(request.url ?? "/", "http://store");
    const [, bucket, ...rest] = url.pathname.split("/").map(decodeURIComponent);
    const key = rest.join("/");
    if (bucket !== "bucket") return fail(response, 404, "NoSuchBucket");
    switch (request.method) {
      case "PUT":
        if (conditions && request.headers["if-none-match"] === "*" && objects.has(key)) {
          return fail(response, 412, "PreconditionFailed");
        }
        objects.set(key, Buffer.concat(parts));
        written.push(key);
        return void response.writeHead(200, { etag: '"x"' }).end();
      case "DELETE":
        objects.delete(key);
        return void response.writeHead(204).end();
      default:
        return key === "" ? list(url, response) : get(key, response);
    }
  }

  function get(key: string, response: ServerResponse): void {
    const bytes = objects.get(key);
    if (bytes === undefined) return fail(response, 404, "NoSuchKey");
    response.writeHead(200, { "content-length": bytes.length });
    if (requests % failing !== 1 || bytes.length < 2) return void response.end(bytes);
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  }

  function list({ searchParams }: URL, response: ServerResponse): void {
    const prefix = searchParams.get("prefix") ?? "";
    const after = searchParams.get("continuation-token") ?? "";
    const names = [...objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => /^[^/]*\/?/u.exec(key.slice(prefix.length))?.[0] ?? "");
    const all = [...new Set(names)].toSorted().filter((name) => name > after);
    const shown = all.slice(0, page);
    const entries = shown.map((name) =>
      name.endsWith("/")
        ? `<CommonPrefixes><Prefix>${prefix}${name}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${prefix}${name}</Key></Contents>`,
    );
    const more = all.length > shown.length;
    const next = more ? `<NextContinuationToken>${shown.at(-1)}</NextContinuationToken>` : "";
    response.writeHead(200, { "content-type": "application/xml" });
    response.end(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${entries.join("")}</ListBucketResult>`,
    );
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("it has a port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    objects,
    written,
    lose: (key) => objects.delete(key),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}
