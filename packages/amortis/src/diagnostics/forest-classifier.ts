/**
 * The random forest of scikit-learn with its default settings, by which the toolbox sbi tells two samples apart.
 *
 *   100 trees, each grown to the end on a bootstrap sample of the rows, by Gini impurity, looking at √d features at each node;
 *   a row is of the class that has more than half of the trees' probability.
 *
 * Seeds, bootstrap samples and features are drawn as scikit-learn draws them, so that the same rows give the same forest.
 *
 * References: Breiman (2001), "Random Forests", Machine Learning 45; Pedregosa et al. (2011), "Scikit-learn", `RandomForestClassifier`.
 */
import { nextTurn } from "../turn.js";
import { RandomState } from "../random/index.js";
import type { Classifier } from "./classifier.js";
import { DecisionTree, rankRows } from "./decision-tree.js";

const TREES = 100;
const LARGEST_INT32 = 2 ** 31 - 1;

/**
 * scikit-learn's random forest.
 *
 * @example const score = await c2st(reference, samples, 2, { classifier: forestClassifier() });
 */
export function forestClassifier(): Classifier {
  return {
    name: "forest",
    async classify(training, test, { seed, signal }) {
      const { d, labels } = training;
      const n = labels.length;
      const rows = rankRows(training);
      const maxFeatures = Math.max(1, Math.floor(Math.sqrt(d)));
      const random = new RandomState(seed);
      const seeds = Array.from({ length: TREES }, () => random.integer(LARGEST_INT32));
      const shares = new Float64Array(test.length / d);
      for (const treeSeed of seeds) {
        signal?.throwIfAborted();
        const bootstrap = new RandomState(treeSeed);
        const weights = new Uint32Array(n);
        for (let i = 0; i < n; i++) {
          const row = bootstrap.integer(n);
          weights[row] = (weights[row] ?? 0) + 1;
        }
        const featureSeed = new RandomState(treeSeed).integer(LARGEST_INT32);
        const tree = new DecisionTree(rows, weights, maxFeatures, featureSeed);
        for (let i = 0; i < shares.length; i++) {
          shares[i] = (shares[i] ?? 0) + tree.shareOfOne(test, i * d);
        }
        // Lets interruptions through.
        await nextTurn();
      }
      return {
        labels: Uint8Array.from(shares, (share) => (share > TREES / 2 ? 1 : 0)),
        scores: shares,
      };
    },
    async release() {},
  };
}
