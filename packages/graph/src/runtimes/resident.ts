/**
 * Tensors that stay with a session between runs: fed once, and from then on by what stands for them.
 *
 * On a processor a session reads feeds in place, so what is saved is small: checks, a tensor of the runtime's, and the copy that native runtimes need of shared memory. A
 * runtime on other hardware has its own memory, and saves the way there.
 */
import type { DType } from "../dtype.js";
import type { HostTensor } from "../host-tensor.js";
import type { Session } from "./runtime.js";

/** What stands for a tensor that a session keeps as long as this is to be had: it may be fed, to that session alone, in the place of the tensor. */
export class Resident {
  readonly dtype: DType;
  readonly shape: readonly number[];

  constructor({ dtype, shape }: Pick<HostTensor, "dtype" | "shape">) {
    this.dtype = dtype;
    this.shape = shape;
  }
}

/** What a run is fed. */
export type SessionFeed = HostTensor | Resident;

/**
 * Feeds of a session that come again and again: a tensor that is fed a second time is kept from then on.
 *
 * @example
 * const kept = new KeptFeeds(session);
 * await session.run(kept.of({ data, indices }));   // `data` is kept from the second run on, fresh indices never
 */
export class KeptFeeds {
  readonly #session: Session;
  readonly #seen = new WeakMap<HostTensor, Resident | undefined>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** The same feeds, with what the session keeps in the place of tensors that were fed before. They must not change meanwhile. */
  of(feeds: Readonly<Record<string, HostTensor>>): Record<string, SessionFeed> {
    const entries = Object.entries(feeds).map(
      ([name, tensor]) => [name, this.#feed(tensor)] as const,
    );
    return Object.fromEntries(entries);
  }

  #feed(tensor: HostTensor): SessionFeed {
    if (!this.#seen.has(tensor)) {
      this.#seen.set(tensor, undefined);
      return tensor;
    }
    const resident = this.#seen.get(tensor) ?? this.#session.keep?.(tensor);
    this.#seen.set(tensor, resident);
    return resident ?? tensor;
  }
}
