/** From nothing to the first posterior of one data set, in a page: milliseconds since navigation began. */
import { loadPosterior } from "amortis";

declare global {
  interface Window {
    started?: Promise<number>;
  }
}

async function start(): Promise<number> {
  const estimator = await loadPosterior(new URL("estimator.amortis", location.href), {
    onWarning: () => undefined,
  });
  const data = Object.entries(estimator.dataShapes).map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [name, new Float32Array(size).fill(0.3)] as const;
  });
  const posterior = await estimator.given(Object.fromEntries(data), { samples: 1_000, seed: 1 });
  posterior.mean();
  return performance.now();
}

window.started = start();
