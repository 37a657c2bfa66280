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
  release(): Promise<void>;
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
  const programs = new Map<string, Promise<Program<Record<K, Tensor>, O>>>();

  async function programFor(
    feeds: Readonly<Record<K, HostTensor>>,
  ): Promise<Program<Record<K, Tensor>, O>> {
    const types = names.map((name) => [feeds[name].dtype, feeds[name].shape] as const);
    const key = JSON.stringify(types);
    const program = programs.get(key) ?? compileFor(types);
    programs.delete(key);
    programs.set(key, program);
    for (const [oldest, stale] of programs) {
      if (programs.size <= capacity) break;
      programs.delete(oldest);
      await (await stale).release();
    }
    return program;
  }

  function compileFor(
    types: readonly (readonly [DType, readonly number[]])[],
  ): Promise<Program<Record<K, Tensor>, O>> {
    const entries = names.map((name, i) => {
      const [dtype, shape] = types[i] ?? ["float32", []];
      return [name, input(name, shape, dtype)] as const;
    });
    // Object.fromEntries forgets the names' type; they are exactly K.
    const inputs = Object.fromEntries(entries) as Record<K, Tensor>;
    return compile({ inputs, outputs: build(inputs) }, runtime);
  }

  return {
    run: async (feeds) => (await programFor(feeds)).run(feeds),
    release: async () => {
      for (const program of programs.values()) await (await program).release();
      programs.clear();
    },
  };
}
