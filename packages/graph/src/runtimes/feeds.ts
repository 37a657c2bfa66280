/** Feeds checked before a runtime sees them, so that what is wrong is said in the caller's words. */
import type { InferenceSession } from "onnxruntime-common";
import type { DType } from "../dtype.js";
import { InvalidArgumentError, ShapeError } from "../errors.js";
import type { HostTensor } from "../host-tensor.js";
import { Resident, type SessionFeed } from "./resident.js";

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

/**
 * The feeds of a model's inputs in their order, with names, types and shapes checked; sizes of one dynamic name must agree.
 *
 * @throws InvalidArgumentError for a missing or unknown name or another type, ShapeError for another shape
 */
export function checkFeeds(
  inputs: readonly InferenceSession.ValueMetadata[],
  feeds: Readonly<Record<string, SessionFeed>>,
): readonly (readonly [name: string, feed: SessionFeed])[] {
  const checked: [string, SessionFeed][] = [];
  const sizes = new Map<string, number>();
  for (const input of inputs) {
    const feed = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
    if (!feed) {
      const given = Object.keys(feeds).join(", ") || "nothing";
      throw new InvalidArgumentError(
        `the program needs the input "${input.name}", but was given ${given}`,
      );
    }
    if (input.isTensor) checkFeed(input, feed, sizes);
    checked.push([input.name, feed]);
  }
  if (Object.keys(feeds).length > inputs.length) {
    const names = inputs.map(({ name }) => name);
    const unknown = Object.keys(feeds).find((name) => !names.includes(name));
    throw new InvalidArgumentError(
      `the program has no input "${unknown}"; its inputs are: ${names.join(", ") || "none"}`,
    );
  }
  return checked;
}

function checkFeed(
  { name, type, shape }: InferenceSession.TensorValueMetadata,
  feed: SessionFeed,
  sizes: Map<string, number>,
): void {
  const data = feed instanceof Resident ? undefined : feed.data;
  if (feed.dtype !== type || !(data === undefined || data instanceof ARRAYS[feed.dtype])) {
    throw new InvalidArgumentError(
      `the input "${name}" is of type ${type}, but was given ${feed.dtype}${data === undefined ? "" : ` in a ${data.constructor.name}`}`,
    );
  }
  const fits =
    shape.length === feed.shape.length &&
    shape.every((dim, i) => dimFits(dim, feed.shape[i], sizes));
  if (!fits) {
    throw new ShapeError(
      `the input "${name}" has the shape [${shape.join(", ")}]${formatSizes(sizes)}, but was given [${feed.shape.join(", ")}]`,
    );
  }
  const size = feed.shape.reduce((a, b) => a * b, 1);
  if (data !== undefined && data.length !== size) {
    throw new ShapeError(
      `the input "${name}" of shape [${feed.shape.join(", ")}] needs ${size} elements, but was given ${data.length}`,
    );
  }
}

/** Tensors of a runtime that one of its sessions keeps, by what stands for them, and no longer than that is to be had. */
export class KeptTensors<T> {
  readonly #tensors = new WeakMap<Resident, T>();
  readonly #gone: FinalizationRegistry<T> | undefined;

  /** @param free is told of tensors that nothing stands for any more, where the runtime does not see that by itself. */
  constructor(free?: (tensor: T) => void) {
    this.#gone = free && new FinalizationRegistry(free);
  }

  /** @throws ShapeError where the data do not fill the shape. */
  keep(tensor: HostTensor, make: (tensor: HostTensor) => T): Resident {
    const { shape, data } = tensor;
    const size = shape.reduce((a, b) => a * b, 1);
    if (data.length !== size) {
      throw new ShapeError(
        `a tensor of shape [${shape.join(", ")}] needs ${size} elements, but ${data.length} were given to be kept`,
      );
    }
    const resident = new Resident(tensor);
    const made = make(tensor);
    this.#tensors.set(resident, made);
    this.#gone?.register(resident, made);
    return resident;
  }

  /**
   * A feed as a tensor of the runtime's.
   *
   * @throws InvalidArgumentError where another session keeps it.
   */
  of(name: string, feed: SessionFeed, make: (tensor: HostTensor) => T): T {
    if (!(feed instanceof Resident)) return make(feed);
    const tensor = this.#tensors.get(feed);
    if (tensor === undefined) {
      throw new InvalidArgumentError(
        `the input "${name}" was given a tensor that another session keeps: feed the tensor itself, or what this session keeps of it`,
      );
    }
    return tensor;
  }
}

function dimFits(
  expected: number | string,
  given: number | undefined,
  sizes: Map<string, number>,
): boolean {
  if (given === undefined) return false;
  if (typeof expected === "number") return expected === given;
  // Products such as "3*batch" are the program's business; a plain name must have one size throughout.
  if (expected === "" || expected.includes("*")) return true;
  const known = sizes.get(expected);
  if (known === undefined) sizes.set(expected, given);
  return known === undefined || known === given;
}

function formatSizes(sizes: ReadonlyMap<string, number>): string {
  if (sizes.size === 0) return "";
  return ` with ${[...sizes].map(([name, size]) => `${name} = ${size}`).join(", ")}`;
}
