/**
 * A piece of work that is one file: a trained network of an ensemble, or a training of a search. Who asks names the file, by what decides its bits; the worker writes it, and the job is done.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { QueueError } from "./queue-error.js";

/** The name of such jobs in the queue. */
export const PIECE = "piece";

const pieceSchema = z.object({
  /** What it is of, in a few words: for lists. */
  title: z.string(),
  /** What is to be made: plain data, which whoever makes it understands. */
  task: z.json(),
  /** A directory that all workers have: a path, or the URL of a store. */
  directory: z.string(),
  /** The file in it. */
  file: z.string().regex(/^[\w-]+(\.[\w-]+)*$/u),
});

/** What a worker is to make, and where it is to lie. */
export type Piece = Readonly<z.infer<typeof pieceSchema>>;

/** @throws QueueError where what is in the queue is no piece of work. */
export function parsePiece(data: unknown): Piece {
  const parsed = pieceSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new QueueError(`the job is none of this version: ${z.prettifyError(parsed.error)}`);
}

/** The name of its job: a file that is asked for already is not asked for twice. */
export function pieceName({ directory, file }: Piece): string {
  const text = JSON.stringify([directory, file]);
  return `piece-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}
