/** What the page answers, and its worker too. */
import { loadPosterior } from "amortis";

const Y = [0.1, 0.2, 0.2, 0.4, 0.4, 0.7, 0.6, 0.9];

/** The first draws of the posterior, in a file beside the page. */
export async function answer(url: URL): Promise<readonly number[]> {
  const estimator = await loadPosterior(url);
  const posterior = await estimator.given({ y: Y });
  const { data } = await posterior.sample(200, 7);
  await estimator.release();
  return Array.from(data.slice(0, 6));
}
