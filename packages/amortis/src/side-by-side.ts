/**
 * Work of which several pieces are under way at once.
 */
import { anySignal, type StopSignal } from "./stop-signal.js";

/**
 * Does so many pieces of work, up to `width` at once, begun in order; of what is begun, all ends before this does.
 *
 * @param piece of an index, and of a signal that says when the others have failed or `signal` has come: what is under way should end soon then.
 * @returns what they made, of the first on; where `signal` comes, of those that were begun.
 * @throws what the first that failed threw.
 * @example await sideBySide(4, 2, async (k, stop) => trainOne(k, stop));
 */
export async function sideBySide<T>(
  count: number,
  width: number,
  piece: (k: number, stop: StopSignal) => Promise<T>,
  signal?: StopSignal,
): Promise<readonly T[]> {
  const failed = new AbortController();
  const stop = signal === undefined ? failed.signal : anySignal(signal, failed.signal);
  const made: T[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const k = next++;
      try {
        made[k] = await piece(k, stop);
      } catch (error) {
        failures.push(error);
        failed.abort();
      }
      if (stop.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(width, count)) }, lane));
  if (failures.length > 0) throw failures[0];
  return made;
}
