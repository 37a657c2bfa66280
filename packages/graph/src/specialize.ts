/**
 * Programs with static shapes, compiled on first use for each combination of shapes and kept.
 */
import type { DType } from "./dtype.js";
import type { HostTensor } from "./host-tensor.js";
import { input } from "./leaves.js";
import { compile, type Named, type Program, type Results } from "./program.js";
import type { Runtime } from "./runtimes/runtime.js";
import type { Tensor } from "./tensor.js";

/** A function of host tensors that is compiled once for each combination of their shapes. */
export interface Specialized<K extends string, O extends Named> {
  run(feeds: Readonly<Record<K, HostTensor>>): Promise<Results<O>>;
  /** Frees all programs, after the runs that were asked for before. */
  release(): Promise<void>;
}

/** A program, and the runs that were asked of it and have not ended: it is released after them. */
interface Entry<K extends string, O extends Named> {
  readonly program: Promise<Program<Record<K, Tensor>, O>>;
  readonly runs: Set<Promise<Results<O>>>;
}

/** Types and shapes of the feeds. */
type Types = readonly (readonly [DType, readonly number[]])[];

/** Releases a program that nobody will ask again. One that could not be compiled has told whoever asked for it. */
async function retire<K extends string, O extends Named>({
  program,
  runs,
}: Entry<K, O>): Promise<void> {
  await Promise.allSettled(runs);
  const compiled = await program.catch(() => undefined);
  await compiled?.release();
}

/**
 * Makes a function of symbolic tensors callable with arrays of any shape: static shapes run faster than dynamic ones, at the
 * price of one compilation a combination. The least recently used beyond `capacity` are released.
 *
 * @example
 * const norm = specialize(nodeRuntime(), ({ x }) => ({ y: sqrt(sum(square(x))) }), ["x"]);
 * await norm.run({ x: hostTensor([3, 4], [2]) });
 */
export function specialize<const K extends string, O extends Named>(
  runtime: Runtime,
  build: (inputs: Readonly<Record<K, Tensor>>) => O,
  names: readonly K[],
  capacity = 16,
): Specialized<K, O> {
  const entries = new Map<string, Entry<K, O>>();

  /** The entry for feeds, the last used from now on. */
  function entryFor(feeds: Readonly<Record<K, HostTensor>>): Entry<K, O> {
    const types = names.map((name) => [feeds[name].dtype, feeds[name].shape] as const);
    const key = JSON.stringify(types);
    const entry = entries.get(key) ?? newEntry(key, types);
    // Put back at the end: the order is that of use.
    entries.delete(key);
    entries.set(key, entry);
    return entry;
  }

  function newEntry(key: string, types: Types): Entry<K, O> {
    const entry: Entry<K, O> = { program: compileFor(types), runs: new Set() };
    // What failed once may not fail again, as when memory was short.
    entry.program.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return entry;
  }

  /** Takes the least recently used beyond the capacity out, so that no new run finds them. */
  function takeStale(): readonly Entry<K, O>[] {
    const stale = [...entries].slice(0, Math.max(0, entries.size - capacity));
    for (const [key] of stale) entries.delete(key);
    return stale.map(([, entry]) => entry);
  }

  function compileFor(types: Types): Promise<Program<Record<K, Tensor>, O>> {
    const leaves = names.map((name, i) => {
      const [dtype, shape] = types[i] ?? ["float32", []];
      return [name, input(name, shape, dtype)] as const;
    });
    // Object.fromEntries forgets the names' type; they are exactly K.
    const inputs = Object.fromEntries(leaves) as Record<K, Tensor>;
    return compile({ inputs, outputs: build(inputs) }, runtime);
  }

  return {
    run: async (feeds) => {
      const { program, runs } = entryFor(feeds);
      const run = program.then((compiled) => compiled.run(feeds));
      runs.add(run);
      const stale = takeStale();
      try {
        const [results] = await Promise.all([run, ...stale.map(retire)]);
        return results;
      } finally {
        runs.delete(run);
      }
    },
    release: async () => {
      const all = [...entries.values()];
      entries.clear();
      await Promise.all(all.map(retire));
    },
  };
}
