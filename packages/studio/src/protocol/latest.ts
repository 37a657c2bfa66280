/**
 * The newest of many: while one call runs, only the last that was asked meanwhile is kept.
 */

/**
 * Calls that overtake one another.
 *
 * @param work is done for one argument at a time.
 * @param done hears of each that was done, in the order in which they were asked.
 * @param failed hears of each that was not.
 */
export function latest<A, R>(
  work: (argument: A) => Promise<R>,
  done: (result: R, argument: A) => void,
  failed: (error: unknown, argument: A) => void,
): (argument: A) => void {
  let running = false;
  let next: { readonly argument: A } | undefined;
  const run = async (first: A): Promise<void> => {
    running = true;
    for (let argument = first; ;) {
      try {
        done(await work(argument), argument);
      } catch (error) {
        failed(error, argument);
      }
      if (next === undefined) break;
      ({ argument } = next);
      next = undefined;
    }
    running = false;
  };
  return (argument) => {
    if (running) next = { argument };
    else void run(argument);
  };
}
