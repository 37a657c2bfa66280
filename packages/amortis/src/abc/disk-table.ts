/**
 * Reference tables in folders, larger than memory: `table.json`, and blocks of rows as files, float32 and little-endian, all parameters of a block and then all of its summaries.
 */
import { fs, path } from "#platform";
import { FileError } from "../files/container.js";
import { object } from "../schema/objects.js";
import { reads } from "../schema/schema.js";
import { list, oneOf, text, whole } from "../schema/values.js";
import type { ReferenceTable, TableBlock } from "./reference-table.js";

const MANIFEST = "table.json";

const manifestSchema = object({
  format: oneOf("amortis-table"),
  /** Of what makes the summaries: a table of others is refused. */
  summarizer: text(),
  parameters: whole({ least: 1, most: 2 ** 20 }),
  summaries: whole({ least: 1, most: 2 ** 20 }),
  /** Rows of each block. */
  rows: list(whole({ least: 1, most: 2 ** 24 }), { least: 1 }),
});

/** A table in a folder, and what made its summaries. */
export interface DiskTable extends ReferenceTable {
  readonly summarizer: string;
}

function blockName(block: number): string {
  return `block-${String(block).padStart(6, "0")}.f32`;
}

/** Whether a folder holds a table. */
export async function isTable(folder: string): Promise<boolean> {
  return fs.access(path.join(folder, MANIFEST)).then(
    () => true,
    () => false,
  );
}

/**
 * Writes a table, a block at a time. Its manifest comes last: a folder without one is no table.
 *
 * @throws FileError where the folder holds something already.
 */
export async function writeTable(
  folder: string,
  summarizer: string,
  blocks: AsyncIterable<TableBlock>,
): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  if ((await fs.readdir(folder)).length > 0) {
    throw new FileError(`${folder} is not empty: write the table into a folder of its own`);
  }
  const rows: number[] = [];
  let [parameters, summaries] = [0, 0];
  for await (const block of blocks) {
    if (block.rows === 0) continue;
    parameters = block.parameters.length / block.rows;
    summaries = block.summaries.length / block.rows;
    await fs.writeFile(path.join(folder, blockName(rows.length)), toBytes(block));
    rows.push(block.rows);
  }
  const manifest = { format: "amortis-table", summarizer, parameters, summaries, rows };
  await fs.writeFile(path.join(folder, MANIFEST), `${JSON.stringify(manifest)}\n`);
}

/**
 * Opens a table, of which one block at a time is read.
 *
 * @throws FileError where there is none, or it is damaged.
 */
export async function openTable(folder: string): Promise<DiskTable> {
  const where = path.join(folder, MANIFEST);
  const reading = reads(manifestSchema, parsed(await fs.readFile(where, "utf8"), where));
  if (!reading.fits) {
    const { place, message } = reading.mismatch;
    throw new FileError(`${where} is damaged: ${place || "it"} ${message}`);
  }
  const { summarizer, parameters, summaries, rows } = reading.value;
  return {
    summarizer,
    size: rows.reduce((a, b) => a + b, 0),
    parameters,
    summaries,
    async *blocks() {
      for (const [block, count] of rows.entries()) {
        const name = path.join(folder, blockName(block));
        yield fromBytes(await fs.readFile(name), count, parameters, summaries, name);
      }
    },
  };
}

function parsed(json: string, where: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new FileError(`${where} is damaged: it is no JSON`, { cause });
  }
}

function toBytes({ parameters, summaries }: TableBlock): Uint8Array {
  const bytes = new Uint8Array(4 * (parameters.length + summaries.length));
  const view = new DataView(bytes.buffer);
  for (const [at, value] of parameters.entries()) view.setFloat32(4 * at, value, true);
  const from = 4 * parameters.length;
  for (const [at, value] of summaries.entries()) view.setFloat32(from + 4 * at, value, true);
  return bytes;
}

function fromBytes(
  bytes: Uint8Array,
  rows: number,
  p: number,
  s: number,
  name: string,
): TableBlock {
  if (bytes.length !== 4 * rows * (p + s)) {
    throw new FileError(
      `${name} is damaged: it should have ${4 * rows * (p + s)} bytes, but has ${bytes.length}; write the table anew`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = (from: number, count: number): Float32Array =>
    Float32Array.from({ length: count }, (_, at) => view.getFloat32(4 * (from + at), true));
  return { rows, parameters: floats(0, rows * p), summaries: floats(rows * p, rows * s) };
}
