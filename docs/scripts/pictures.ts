/**
 * Draws the pictures of the methods' pages into `docs/methods`, by the library's own figures.
 *
 *     npm run pictures -w @amortis/docs              # all; some minutes
 *     npm run pictures -w @amortis/docs -- npe nle   # some
 */
import * as dependence from "./pictures/dependence.js";
import * as posteriors from "./pictures/posteriors.js";
import * as summaries from "./pictures/summaries.js";

const PICTURES: Readonly<Record<string, () => Promise<void>>> = {
  npe: posteriors.drawNpe,
  nbe: summaries.drawNbe,
  nle: posteriors.drawNle,
  nre: posteriors.drawNre,
  telescoping: posteriors.drawTelescoping,
  variational: posteriors.drawVariational,
  "synthetic-likelihood": summaries.drawSyntheticLikelihood,
  abc: posteriors.drawAbc,
  "any-to-any": posteriors.drawAnyToAny,
  hierarchical: summaries.drawHierarchical,
  "mutual-information-summary": summaries.drawMutualInformation,
  "distance-correlation-summary": dependence.drawDistanceCorrelation,
  "fisher-information-summary": dependence.drawFisherInformation,
  "posterior-moments-summary": summaries.drawPosteriorMoments,
  "rank-posterior": summaries.drawRankPosterior,
  "neural-em": summaries.drawNeuralEm,
  rounds: posteriors.drawRounds,
  "model-posterior": posteriors.drawModelPosterior,
};

const asked = process.argv.slice(2);
for (const name of asked) {
  if (!(name in PICTURES)) {
    throw new Error(`there is no picture "${name}"; there are ${Object.keys(PICTURES).join(", ")}`);
  }
}
for (const [name, draw] of Object.entries(PICTURES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const started = performance.now();
  await draw();
  console.log(`${name}: ${((performance.now() - started) / 1_000).toFixed(0)} s`);
}
