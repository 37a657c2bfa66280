/**
 * The service worker, by which the studio works without its server once it is loaded.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Large, and of the playground alone: kept after all the rest. */
const LATER = /(^|\/)(checker-.*\.js|playground-.*\.js|types\.json|amortis(-posterior)?\.js)$/u;

/**
 * Its code, with the names of all files in a folder.
 *
 * @param folder that is built, but for the worker itself.
 */
export async function serviceWorker(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name !== "sw.js")
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(folder.length)
        .replace(/^[/\\]/u, ""),
    )
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(await readFile(join(folder, file)));
  const version = hash.digest("hex").slice(0, 16);
  const first = ["./", ...files.filter((file) => !LATER.test(file))];
  const later = files.filter((file) => LATER.test(file));
  return `const [CACHE, FIRST, LATER] = ${JSON.stringify([`amortis-studio-${version}`, first, later])};
const known = new Set([...FIRST, ...LATER].map((file) => new URL(file, location.href).href));

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FIRST)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names
        .filter((name) => name.startsWith("amortis-studio-") && name !== CACHE)
        .map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
  // The page need not wait for what few will use.
  caches.open(CACHE).then((cache) => cache.addAll(LATER)).catch(() => {});
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = request.url.split("#")[0];
  if (request.method !== "GET" || !known.has(address)) return;
  const kept = () => caches.match(address, { cacheName: CACHE });
  // The page itself may have changed; names of assets change with what is in them.
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(kept));
    return;
  }
  event.respondWith(kept().then((found) => found ?? fetch(request)));
});
`;
}
