/**
 * A network that was trained apart: what one process hands another, so that the networks of an ensemble may be trained on several machines.
 */
import { FileError, readContainer, writeContainer } from "../files/container.js";
import { sizeOf } from "../data/shape.js";
import { object } from "../schema/objects.js";
import { reads } from "../schema/schema.js";
import { text, whole } from "../schema/values.js";
import type { StopSignal } from "../stop-signal.js";
import { finishedSchema, floatsOf, toBytes, type TrainedMember } from "./checkpoint.js";

const FORMAT = "amortis-network";
const VERSION = 1;

/** Which network, of which training. */
export interface NetworkAsked {
  /** From 0. */
  readonly network: number;
  /** How many the training has. */
  readonly networks: number;
  /** Of the method, its settings and the simulations: the same wherever they are the same. */
  readonly fingerprint: string;
}

/** Trains a network elsewhere: gives what `trainNetwork` made of the same method, with the same options. Rejects where `signal` comes. */
export type NetworkSource = (asked: NetworkAsked, signal: StopSignal) => Promise<Uint8Array>;

const schema = object({
  fingerprint: text(),
  network: whole({ least: 0 }),
  trained: finishedSchema,
});

/** A trained network as bytes. */
export function writeNetwork(
  { fingerprint, network }: NetworkAsked,
  { variables, weights, losses, ...trained }: TrainedMember,
): Promise<Uint8Array> {
  const content = {
    fingerprint,
    network,
    trained: {
      ...trained,
      variables: variables.map(({ name, shape, trainable }) => ({ name, shape, trainable })),
    },
  };
  const parts = { weights: toBytes(weights), losses: toBytes(losses) };
  return writeContainer(FORMAT, VERSION, { content, parts });
}

/**
 * A network from bytes. Reading it executes nothing.
 *
 * @throws FileError where they are damaged, or of another network or training than was asked for.
 */
export async function readNetwork(
  bytes: Uint8Array,
  { fingerprint, network, networks }: NetworkAsked,
): Promise<TrainedMember> {
  const what = `network ${network + 1} of ${networks}`;
  const { content, parts } = await readContainer(bytes, FORMAT, VERSION, what);
  const reading = reads(schema, content);
  if (!reading.fits) throw new FileError(`${what} is damaged: it is no trained network`);
  const { value } = reading;
  if (value.fingerprint !== fingerprint || value.network !== network) {
    throw new FileError(
      `${what} is of other training (another model, prior, method, settings or data): train it by trainNetwork with what train has`,
    );
  }
  const { variables, ...trained } = value.trained;
  return {
    ...trained,
    variables: variables.map((variable) => ({ ...variable, size: sizeOf(variable.shape) })),
    weights: floatsOf(parts, "weights", what),
    losses: floatsOf(parts, "losses", what),
  };
}
