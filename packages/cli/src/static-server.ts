/**
 * A server of plain files, on the loopback interface alone.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { basename, extname, join, resolve, sep } from "node:path";

/** Types of what the studio is made of. */
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Under which a single file is served that lies elsewhere. */
const OPENED = "/opened/";

const HOST = "127.0.0.1";

/** What is served. */
export interface StaticOptions {
  readonly folder: string;
  /** A file beside the folder, served as /opened/ and its name. */
  readonly file?: string | undefined;
  /** 0 for one that is free. */
  readonly port: number;
}

/** A server that runs. */
export interface StaticServer {
  readonly url: string;
  /** Path of the file, relative to the URL; undefined where there is none. */
  readonly opened: string | undefined;
  close(): Promise<void>;
}

/**
 * Serves a folder.
 *
 * @throws Error where the port is taken.
 */
export async function serveFolder({ folder, file, port }: StaticOptions): Promise<StaticServer> {
  const server = createServer((request, response) => {
    void answer(request, response, folder, file);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("it has a port");
  return {
    url: `http://${HOST}:${address.port}/`,
    opened: file && `${OPENED.slice(1)}${encodeURIComponent(basename(file))}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  { method = "GET", url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  folder: string,
  file: string | undefined,
): Promise<void> {
  const refuse = (status: number, words: string): void => {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${words}\n`);
  };
  // A page elsewhere may have its name resolve to this machine.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/u.test(headers.host ?? "")) {
    refuse(403, "only for this machine");
    return;
  }
  if (method !== "GET" && method !== "HEAD") {
    refuse(405, "files can be read, and nothing else");
    return;
  }
  const path = pathOf(url, folder, file);
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (path === undefined || found?.isFile() !== true) {
    refuse(404, "there is no such file");
    return;
  }
  response.writeHead(200, {
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    "content-length": found.size,
    // Names of assets change with what is in them; those of others do not.
    "cache-control": path.includes(`${sep}assets${sep}`)
      ? "max-age=31536000, immutable"
      : "no-cache",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
  });
  if (method === "HEAD") response.end();
  else
    createReadStream(path)
      .on("error", () => response.destroy())
      .pipe(response);
}

/** Where what a URL asks for lies; undefined where it is not served. */
function pathOf(url: string, folder: string, file: string | undefined): string | undefined {
  try {
    const asked = decodeURIComponent(new URL(url, "http://host").pathname);
    if (file !== undefined && asked === `${OPENED}${basename(file)}`) return file;
    const root = resolve(folder);
    const path = resolve(join(root, asked.endsWith("/") ? `${asked}index.html` : asked));
    return path.startsWith(`${root}${sep}`) && !asked.includes("\0") ? path : undefined;
  } catch {
    return undefined;
  }
}
