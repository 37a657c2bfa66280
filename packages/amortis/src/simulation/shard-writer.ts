/**
 * From chunks to shards on disk.
 */
import { DataSets } from "../data/data-sets.js";
import type { AnyModel } from "../model/index.js";
import type { Chunk } from "./chunk.js";
import { writeShard } from "./data-set-arrays.js";
import { shardRows, writeShardRecord, type DataSetInfo } from "./data-set-layout.js";
import { invalidRecord } from "./data-set.js";
import type { Folder } from "./folder.js";
import type { InvalidSimulation } from "./simulated-data.js";

interface OpenShard {
  readonly parameters: Float64Array;
  readonly indices: Float64Array;
  readonly valid: Uint8Array;
  readonly data: DataSets;
  readonly invalid: InvalidSimulation[];
  rows: number;
}

/** Puts chunks together to shards, and writes each once it is whole. */
export class ShardWriter {
  readonly #model: AnyModel;
  readonly #folder: Folder;
  readonly #info: DataSetInfo;
  /** Those at hand: no more than there are chunks under way. */
  readonly #open = new Map<number, OpenShard>();

  constructor(model: AnyModel, folder: Folder, info: DataSetInfo) {
    this.#model = model;
    this.#folder = folder;
    this.#info = info;
  }

  async add(chunk: Chunk): Promise<void> {
    const shard = Math.floor((chunk.first - this.#info.firstIndex) / this.#info.shardSize);
    const { start, count } = shardRows(this.#info, shard);
    const first = this.#info.firstIndex + start;
    const open = this.#open.get(shard) ?? this.#begin(first, count);
    this.#open.set(shard, open);
    this.#place(open, chunk, first);
    open.rows += chunk.count;
    if (open.rows < count) return;
    this.#open.delete(shard);
    const shardArrays = { ...open, data: open.data.columns };
    const chunks = await writeShard(this.#folder, this.#info, shard, shardArrays);
    const invalid = open.invalid.toSorted((a, b) => a.index - b.index).map(invalidRecord);
    const record = { first, count, invalid, ...(chunks && { chunks }) };
    await writeShardRecord(this.#folder, shard, record);
  }

  #begin(first: number, count: number): OpenShard {
    return {
      parameters: new Float64Array(count * this.#model.parameterSize),
      indices: Float64Array.from({ length: count }, (_, row) => first + row),
      valid: new Uint8Array(count),
      data: DataSets.allocate(this.#model.dataSpecs, count),
      invalid: [],
      rows: 0,
    };
  }

  #place(open: OpenShard, chunk: Chunk, first: number): void {
    const p = this.#model.parameterSize;
    const data = new DataSets(this.#model.dataSpecs, chunk.count, chunk.data);
    for (let i = 0; i < chunk.size; i++) {
      const row = (chunk.indices[i] ?? first) - first;
      open.valid[row] = 1;
      open.parameters.set(chunk.parameters.subarray(i * p, (i + 1) * p), row * p);
      open.data.place(row, data.slice(i, i + 1));
    }
    for (const one of chunk.invalid) open.invalid.push(one);
  }
}
