/**
 * An answer beside that of NUTS, and how long one takes.
 */
import { besideNuts, fixture, quantile, timer, type AnyPosterior } from "./shared.js";

type Fixture = Readonly<
  Record<string, Readonly<Record<string, { readonly mean: number; readonly sd: number }>>>
>;

/** @param proposals of the answer that is compared; of those whose time is taken 2,000. */
export async function compare(
  name: string,
  proposals: number,
  ask: (options: { proposals: number; samples: number; seed?: number }) => Promise<AnyPosterior>,
): Promise<void> {
  const nuts = await fixture<Fixture>("more-nuts");
  const posterior = await ask({ proposals, samples: proposals });
  console.log(name, posterior.check, `log evidence ${posterior.logEvidence.toFixed(2)}`);
  besideNuts(posterior, nuts[name] ?? {});
  const times: number[] = [];
  for (let seed = 0; seed < 4; seed++) {
    const stop = timer();
    await ask({ proposals: 2_000, samples: 2_000, seed });
    times.push(stop().processor);
  }
  console.log(
    `an answer of 2,000 draws: ${quantile(times, 0.5).toFixed(2)} s of the processor (least ${Math.min(...times).toFixed(2)})`,
  );
}
