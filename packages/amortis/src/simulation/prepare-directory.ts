/**
 * What a directory of simulations is to hold: created, grown, or checked to be the same.
 */
import { InvalidArgumentError } from "@amortis/graph";
import type { AnyModel } from "../model/index.js";
import type { StopSignal } from "../stop-signal.js";
import type { ChunkRunner } from "./chunk.js";
import { DataSetError, infoOf, type DataSetInfo } from "./data-set-layout.js";
import { checkMembers, readInfo, writeInfo, writeMembers } from "./data-set-metadata.js";
import { defaultShardSize } from "./data-set.js";
import type { Folder } from "./folder.js";
import type { InvalidPolicy } from "./invalid-policy.js";
import { withoutLink } from "./origin.js";
import { schedule } from "./schedule.js";
import { requireChunkSize, requireFirstIndex } from "./simulate.js";

/** What a directory is to hold. */
export interface DirectorySettings extends Pick<InvalidPolicy, "onWarning"> {
  readonly simulations: number;
  readonly seed: number | bigint | string;
  readonly firstIndex?: number;
  readonly shardSize?: number;
}

/** @throws InvalidArgumentError where a number is out of its range. */
export function checkSettings({
  simulations,
  firstIndex = 0,
  shardSize = 1,
}: DirectorySettings): void {
  if (!Number.isSafeInteger(simulations) || simulations < 1) {
    throw new InvalidArgumentError(
      `simulations must be a whole number from 1 on, but is ${simulations}`,
    );
  }
  requireFirstIndex(firstIndex);
  requireChunkSize(shardSize, "shardSize");
}

/**
 * Creates the data set, or checks that what is there is the same.
 *
 * The attributes come first, so that whoever stops anywhere can go on.
 *
 * @returns what it is to be, and what was there.
 */
export async function prepareDirectory(
  model: AnyModel,
  folder: Folder,
  options: DirectorySettings,
  suitedSize: () => Promise<number>,
): Promise<{ readonly info: DataSetInfo; readonly before: DataSetInfo | undefined }> {
  const { simulations: rows, seed, firstIndex = 0, shardSize, onWarning = console.warn } = options;
  const before = await readInfo(folder);
  if (before === undefined) {
    const suited = shardSize ?? (await suitedSize());
    const info = infoOf(model, { seed, firstIndex, rows, shardSize: Math.min(rows, suited) });
    await writeInfo(folder, info);
    await writeMembers(folder, info);
    return { info, before };
  }
  const { version, shardSize: cut } = before;
  const info = { ...infoOf(model, { seed, firstIndex, rows, shardSize: cut }), version };
  requireSame(folder, before, info);
  // Others may be at work: what is as it should be is not written again.
  if (before.rows === rows) {
    await checkMembers(folder, info).catch(async (error: unknown) => {
      if (!(error instanceof DataSetError)) throw error;
      if (before.complete) onWarning(`${error.message}: it is written anew`);
      await writeMembers(folder, info);
    });
    return { info, before };
  }
  await writeInfo(folder, info);
  await writeMembers(folder, info);
  return { info, before };
}

/**
 * Refuses a directory without a data set that holds anything else.
 *
 * @throws DataSetError
 */
export async function requireEmpty(folder: Folder): Promise<void> {
  // A lock may be left of a start that was interrupted; of earlier versions, "data" and others as well. Attributes are there where another writer has begun since they were looked for.
  const ours = new Set([
    "zarr.json",
    "parameters",
    "indices",
    "valid",
    "data",
    "shards",
    "lock",
    "lock.removing",
  ]);
  const names = await folder.list().catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataSetError(`cannot simulate into ${folder.name}: ${why}`, { cause });
  });
  const other = names.find((name) => !ours.has(name) && !name.endsWith(".tmp"));
  if (other !== undefined) {
    throw new DataSetError(
      `cannot simulate into ${folder.name}: it holds other files, such as ${other}; choose an empty or a new directory`,
    );
  }
}

/** @throws DataSetError where a directory was made with other settings, in a word on the first that differs. */
function requireSame(folder: Folder, found: DataSetInfo, wanted: DataSetInfo): void {
  // Rows that were saved have whatever simulations there were in memory, without the invalid ones.
  if (found.saved === true || (found.complete && found.rows !== found.valid + found.invalid)) {
    throw new DataSetError(
      `cannot simulate into ${folder.name}: it holds simulations that were saved from memory; choose another directory`,
    );
  }
  const compared: readonly (readonly [string, (info: DataSetInfo) => unknown])[] = [
    ["model", (info) => info.model],
    ["seed", (info) => info.seed?.value],
    ["kind of seed", (info) => info.seed?.kind],
    ["parameters", (info) => info.parameterNames],
    ["priors", (info) => info.priors],
    ["data", (info) => info.dataShapes],
    ["first index", (info) => info.firstIndex],
  ];
  for (const [what, value] of compared) {
    // Through JSON, as the one in the directory has been.
    // Links are left out: they change no draw.
    const [before, now] = [found, wanted].map((info) => JSON.stringify(value(info), withoutLink));
    if (before !== now) {
      throw new DataSetError(
        `cannot continue in ${folder.name}: it was simulated with the ${what} ${before}, not ${now}; choose another directory, or the same ${what}`,
      );
    }
  }
  if (found.rows > wanted.rows) {
    throw new DataSetError(
      `${folder.name} is for ${found.rows} simulations, more than the ${wanted.rows} asked for: ask for as many, or choose another directory`,
    );
  }
}

/** Seconds of simulation that a shard should not exceed. */
const SHARD_SECONDS = 10;

/** The default, or fewer where simulations are slow: a few are tried, by whoever will run them. */
export async function suitedShardSize(
  model: AnyModel,
  first: number,
  runner: ChunkRunner,
  signal: StopSignal | undefined,
): Promise<number> {
  const alone = { ...runner, parallel: 1 };
  let [fastest, spent] = [Infinity, 0];
  // The first run of code is slow for its own reasons: the fastest of a few counts, unless one alone takes long.
  for await (const { seconds } of schedule(alone, [{ first, count: 32 }], {
    chunkSize: 1,
    signal,
  })) {
    fastest = Math.min(fastest, seconds);
    spent += seconds;
    if (spent > 0.05) break;
  }
  const affordable = Math.floor(SHARD_SECONDS / Math.max(fastest, 1e-6));
  return Math.max(1, Math.min(defaultShardSize(model), affordable));
}
