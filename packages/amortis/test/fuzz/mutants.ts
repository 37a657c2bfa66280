/**
 * Mutants of files that the library reads: bytes changed anywhere, and, where checksums would end that early, the structure of archives changed, and contents
 * with checksums that fit. Of programs with changed nodes, `experiments/fuzz/fuzz-programs.ts`.
 */
import { unzipSync, zipSync, type Zippable } from "fflate";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AmortisError, load, stream, type Stream } from "../../src/index.js";
import { parseData } from "../../src/files/index.js";
import { readContainer, writeContainer } from "../../src/files/container.js";
import { loadCheckpoint } from "../../src/training/checkpoint.js";

/** What is fuzzed. */
export const TARGETS = ["csv", "json", "npy", "npz", "estimator", "checkpoint"] as const;
export type Target = (typeof TARGETS)[number];

/** What became of the mutants of one target. */
export interface Outcome {
  /** Read without a word. */
  readonly read: number;
  /** Refused by an error of the library, in one line. */
  readonly refused: number;
  /** Anything else, in words: what no user should see. */
  readonly faults: readonly string[];
}

/** Files of each version of the format. */
const golden = ["../golden-files/files/", "../golden-files/files-2/"].map(
  (folder) => new URL(folder, import.meta.url),
);
const arrays = new URL("../fixtures/arrays/", import.meta.url);
const simulations = new URL("../fixtures/simulations/", import.meta.url);

const TEXTS = {
  csv: [
    ",0,1,2\n0,0.5,0.6,0.7\n1,1.5,1.6,1.7\n",
    '"";"y[0,1]";"y[0,0]"\n"1";0,5;0,6\n',
    "# c\ny_0\ty_1\n1e5\t-inf\n",
  ],
  json: ['{"z": [[1, 2.5], [3, -4e5]], "n": 4}', "[[1,2,3],[4,5,6]]"],
} as const;

const FORMATS = {
  estimator: { format: "amortis-estimator", version: 2 },
  checkpoint: { format: "amortis-checkpoint", version: 1 },
} as const;
type Container = keyof typeof FORMATS;

async function filesOf(folder: URL, extension: string): Promise<Uint8Array[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).toSorted();
  return Promise.all(
    names.map(async (name) => new Uint8Array(await readFile(new URL(name, folder)))),
  );
}

/** Files that mutants are made of. */
async function seedsOf(target: Target): Promise<Uint8Array[]> {
  if (target === "csv" || target === "json") {
    return TEXTS[target].map((text) => new TextEncoder().encode(text));
  }
  if (target === "npy") return filesOf(arrays, ".npy");
  if (target === "npz")
    return [...(await filesOf(arrays, ".npz")), ...(await filesOf(simulations, ".npz"))];
  const extension = target === "estimator" ? ".amortis" : ".checkpoint";
  return (await Promise.all(golden.map((folder) => filesOf(folder, extension)))).flat();
}

const below = (random: Stream, n: number): number =>
  Math.min(n - 1, Math.floor(random.uniform() * n));

/** A few bytes changed, taken out, put in or doubled. */
function changedBytes(bytes: Uint8Array, random: Stream, text = false): Uint8Array {
  // Most bytes are no text, and all that is found of it is that.
  const byte = (): number => (text ? 32 + below(random, 95) : below(random, 256));
  let result = bytes.slice();
  for (let left = 1 + below(random, 4); left > 0 && result.length > 0; left--) {
    const at = below(random, result.length);
    const length = Math.min(result.length - at, 1 + below(random, 16));
    const part = result.subarray(at, at + length);
    const before = result.subarray(0, at);
    const after = result.subarray(at + length);
    const noise = Uint8Array.from({ length }, byte);
    const kinds = [
      () => result.with(at, byte()),
      () => result.with(at, (result[at] ?? 0) ^ (1 << below(random, text ? 4 : 8))),
      () => Uint8Array.from([...before, ...after]),
      () => Uint8Array.from([...before, ...noise, ...after]),
      () => Uint8Array.from([...before, ...part, ...part, ...after]),
      () => result.slice(0, at),
    ];
    result = new Uint8Array(kinds[below(random, kinds.length)]?.() ?? result);
  }
  return result;
}

const STRANGE: readonly unknown[] = [
  null,
  -1,
  0,
  1e9,
  2 ** 53,
  1e308,
  0.5,
  "",
  "\u001B[2J",
  [],
  {},
  [1, [2]],
  true,
];

/** A number near another, as an author of a file that is almost right would have it. */
function nearby(value: number, random: Stream): number {
  const near = [value + 1, value - 1, -value, 2 * value, value / 2, value * 2 ** 20];
  return near[below(random, near.length)] ?? value;
}

/** One value of a JSON document, somewhere, in another's place: a strange one, one nearby, or another of the same document. */
function changedJson(value: unknown, random: Stream, whole: unknown = value): unknown {
  if (typeof value === "number" && random.uniform() < 0.5) return nearby(value, random);
  if (typeof value !== "object" || value === null || random.uniform() < 0.1) {
    return random.uniform() < 0.2 ? partOf(whole, random) : STRANGE[below(random, STRANGE.length)];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return STRANGE[below(random, STRANGE.length)];
  const [key, inner] = entries[below(random, entries.length)] ?? ["", undefined];
  const others = entries.filter(([name]) => name !== key);
  const kept =
    random.uniform() < 0.1 ? others : [...others, [key, changedJson(inner, random, whole)]];
  if (Array.isArray(value)) {
    const list = kept.map(([, one]: unknown[]) => one);
    return random.uniform() < 0.1 ? [...list, ...list] : list;
  }
  const named = Object.fromEntries(kept as [string, unknown][]);
  return random.uniform() < 0.05 ? { ...named, __proto__: null, [`${key}2`]: inner } : named;
}

/** Any value within a JSON document. */
function partOf(value: unknown, random: Stream): unknown {
  if (typeof value !== "object" || value === null || random.uniform() < 0.3) return value;
  const inner = Object.values(value);
  return inner.length === 0 ? value : partOf(inner[below(random, inner.length)], random);
}

/** A container whose manifest or parts are changed, with checksums that fit. */
async function changedContainer(bytes: Uint8Array, kind: Container, random: Stream) {
  const { format, version: latest } = FORMATS[kind];
  const { version, content, parts } = await readContainer(bytes, format, latest, "the seed");
  const names = Object.keys(parts);
  const name = names[below(random, names.length)] ?? "";
  const changed =
    random.uniform() < 0.7
      ? { content: changedJson(content, random), parts }
      : {
          content,
          parts: { ...parts, [name]: changedBytes(parts[name] ?? new Uint8Array(), random) },
        };
  // Now and then a file of one version says that it is of another.
  const said = random.uniform() < 0.05 ? 1 + below(random, latest + 1) : version;
  return writeContainer(format, said, changed);
}

/** The same files in another archive: in another order, otherwise packed, under other names, twice, with a comment, fewer or more. */
function changedArchive(bytes: Uint8Array, random: Stream): Uint8Array {
  const entries = Object.entries(unzipSync(bytes));
  const [name, file] = entries[below(random, entries.length)] ?? ["", new Uint8Array()];
  const others = entries.filter(([other]) => other !== name);
  const packed = (list: readonly (readonly [string, Uint8Array])[], options = {}): Uint8Array =>
    zipSync(Object.fromEntries(list.map(([key, one]) => [key, [one, options]])) as Zippable);
  const comment = new TextEncoder().encode("a comment");
  const variants = [
    () => packed(entries.toReversed()),
    () => packed(entries, { level: 0 }),
    () => packed(entries, { comment: "of a file" }),
    () => packed(entries, { extra: { 1: comment } }),
    () => packed(others),
    () => packed([...others, [`./${name}`, file]]),
    () => packed([...others, [name.toUpperCase(), file]]),
    () => packed([...entries, ["../outside", file]]),
    () => packed([...others, [name, new Uint8Array(2 ** 20)]]),
    // One archive in another, one after another, and with bytes before and after.
    () => packed([...others, [name, bytes]]),
    () => Uint8Array.from([...bytes, ...bytes]),
    () => Uint8Array.from([...comment, ...bytes]),
    () => Uint8Array.from([...bytes, ...comment]),
    () => inDirectory(bytes, random),
  ];
  return variants[below(random, variants.length)]?.() ?? bytes;
}

/** A byte changed among the records at the end of an archive, where sizes, places and names are. */
function inDirectory(bytes: Uint8Array, random: Stream): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(bytes.length - 6, true);
  const at = start + below(random, bytes.length - start);
  return bytes.with(at, random.uniform() < 0.3 ? 255 : below(random, 256));
}

async function read(target: Target, bytes: Uint8Array, fingerprint: string): Promise<void> {
  if (target === "estimator") {
    await (await load(bytes)).release();
  } else if (target === "checkpoint") {
    const folder = await mkdtemp(join(tmpdir(), "amortis-fuzz-"));
    try {
      await writeFile(join(folder, "checkpoint"), bytes);
      await loadCheckpoint(join(folder, "checkpoint"), fingerprint);
    } finally {
      await rm(folder, { recursive: true });
    }
  } else {
    parseData(bytes, `mutant.${target}`, { onNote: () => {}, largest: 2 ** 26 });
  }
}

/** Of an error, what no user should see; undefined where it is one clear line of the library. */
function faultOf(error: unknown): string | undefined {
  if (!(error instanceof AmortisError)) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return /[\n\p{Cc}]/u.test(error.message) ? `not one line: ${error.message}` : undefined;
}

/** Reads mutants of a target, from the number `first` on. The same numbers and seed make the same mutants. */
export async function fuzz(
  target: Target,
  mutants: number,
  seed: number,
  first = 0,
): Promise<Outcome> {
  const seeds = await seedsOf(target);
  const counts = { read: 0, refused: 0 };
  const faults: string[] = [];
  for (let i = first; i < first + mutants; i++) {
    const random = stream(seed).split(target).split(i);
    const original = seeds[below(random, seeds.length)] ?? new Uint8Array();
    const mutant = await mutantOf(target, original, random);
    const fingerprint = target === "checkpoint" ? await fingerprintOf(original) : "";
    try {
      await read(target, mutant, fingerprint);
      counts.read++;
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) counts.refused++;
      else faults.push(`mutant ${i} of seed ${seed}: ${fault}`);
    }
  }
  return { ...counts, faults };
}

async function mutantOf(target: Target, original: Uint8Array, random: Stream): Promise<Uint8Array> {
  if (target === "estimator" || target === "checkpoint") {
    const kind = random.uniform();
    if (kind < 0.6) return changedContainer(original, target, random);
    if (kind < 0.8) return changedArchive(original, random);
  }
  if (target === "npz" && random.uniform() < 0.3) return changedArchive(original, random);
  return changedBytes(original, random, target === "csv" || target === "json");
}

async function fingerprintOf(bytes: Uint8Array): Promise<string> {
  const { format, version } = FORMATS.checkpoint;
  const { content } = await readContainer(bytes, format, version, "the seed");
  return String((content as { readonly fingerprint: unknown }).fingerprint);
}
