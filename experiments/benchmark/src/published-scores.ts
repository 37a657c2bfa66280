/**
 * Published C2ST of other methods, by task, at 1,000, 10,000 and 100,000 simulations; written by published.py.
 *
 * Lueckmann, Boelts, Greenberg, Goncalves and Macke (2021), arXiv 2101.04653, with the run of gaussian_mixture again of 2024: perceptron; Vetter et
 * al. (2025), arXiv 2504.17660, and Gloeckler et al. (2024), arXiv 2404.09636, the latter read off its figure: random forest. Means over ten
 * observations.
 */

/** A method's scores. */
export interface PublishedMethod {
  readonly classifier: "mlp" | "forest";
  readonly method: string;
  readonly source: string;
  /** By task, at each budget; undefined where there is none. */
  readonly scores: Readonly<Record<string, readonly (number | undefined)[]>>;
  /** By task, at each budget, of the observations 1 to 10. */
  readonly each?: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Simulations that published scores are of. */
export const BUDGETS = [1_000, 10_000, 100_000] as const;

/** Published scores. */
export const PUBLISHED: readonly PublishedMethod[] = [
  {
    classifier: "mlp",
    method: "NPE",
    source: "Lueckmann et al. 2021",
    scores: {
      gaussian_linear: [0.6945, 0.5522, 0.506],
      gaussian_linear_uniform: [0.6963, 0.5534, 0.5093],
      slcp: [0.9752, 0.9006, 0.8315],
      slcp_distractors: [0.9816, 0.9703, 0.8631],
      bernoulli_glm: [0.863, 0.6783, 0.5588],
      bernoulli_glm_raw: [0.8996, 0.7648, 0.6074],
      gaussian_mixture: [0.7161, 0.6153, 0.5478],
      two_moons: [0.7251, 0.6064, 0.5417],
      sir: [0.8151, 0.6796, 0.5848],
      lotka_volterra: [0.9994, 0.9968, 0.9808],
    },
    each: {
      gaussian_linear: [
        [0.7069, 0.6738, 0.6983, 0.7581, 0.6623, 0.6492, 0.6652, 0.7125, 0.6464, 0.7722],
        [0.5647, 0.5308, 0.5344, 0.5917, 0.5233, 0.5318, 0.5339, 0.6196, 0.5341, 0.5575],
        [0.5056, 0.5016, 0.5096, 0.5094, 0.5044, 0.5056, 0.5084, 0.5114, 0.5062, 0.4979],
      ],
      gaussian_linear_uniform: [
        [0.7076, 0.6815, 0.8033, 0.6589, 0.6609, 0.676, 0.6833, 0.7332, 0.7088, 0.6499],
        [0.5569, 0.5559, 0.5866, 0.5337, 0.5365, 0.5524, 0.5415, 0.5591, 0.5667, 0.5445],
        [0.502, 0.5046, 0.5192, 0.5078, 0.5124, 0.5091, 0.5042, 0.5062, 0.5118, 0.5156],
      ],
      slcp: [
        [0.988, 0.9754, 0.9646, 0.9853, 0.9659, 0.9601, 0.9925, 0.9891, 0.9607, 0.9706],
        [0.9444, 0.9376, 0.7988, 0.916, 0.849, 0.8832, 0.9495, 0.8984, 0.9319, 0.8972],
        [0.9154, 0.9001, 0.736, 0.8191, 0.8197, 0.8317, 0.8702, 0.8115, 0.7988, 0.8125],
      ],
      slcp_distractors: [
        [0.9919, 0.9829, 0.9839, 0.9892, 0.966, 0.9688, 0.9927, 0.9932, 0.9722, 0.9748],
        [0.9872, 0.9733, 0.9615, 0.9872, 0.9537, 0.9679, 0.9786, 0.9837, 0.9675, 0.9423],
        [0.9234, 0.8699, 0.8012, 0.8946, 0.8736, 0.8633, 0.9315, 0.8176, 0.8371, 0.8185],
      ],
      bernoulli_glm: [
        [0.873, 0.7749, 0.9134, 0.8863, 0.8746, 0.8308, 0.8535, 0.8642, 0.8867, 0.8724],
        [0.6751, 0.6586, 0.7591, 0.6833, 0.6296, 0.6388, 0.66, 0.6504, 0.7427, 0.6855],
        [0.5735, 0.5447, 0.5964, 0.5524, 0.5605, 0.5444, 0.5251, 0.5673, 0.5781, 0.5455],
      ],
      bernoulli_glm_raw: [
        [0.9306, 0.875, 0.9146, 0.8731, 0.9389, 0.89, 0.8458, 0.9101, 0.8861, 0.9317],
        [0.7726, 0.7132, 0.8359, 0.7266, 0.8016, 0.7521, 0.7497, 0.7331, 0.7634, 0.7996],
        [0.6019, 0.5755, 0.6733, 0.6113, 0.6332, 0.5866, 0.6028, 0.6041, 0.6077, 0.5775],
      ],
      gaussian_mixture: [
        [0.789, 0.7027, 0.6866, 0.6986, 0.7352, 0.6837, 0.7316, 0.6784, 0.6922, 0.7633],
        [0.6613, 0.5604, 0.6697, 0.6073, 0.6471, 0.5699, 0.5853, 0.5847, 0.6707, 0.5965],
        [0.5674, 0.5446, 0.5458, 0.5361, 0.5628, 0.509, 0.5663, 0.5477, 0.5297, 0.5685],
      ],
      two_moons: [
        [0.6663, 0.6958, 0.6771, 0.6996, 0.7476, 0.7105, 0.8045, 0.7506, 0.7188, 0.7802],
        [0.5421, 0.5706, 0.6462, 0.6744, 0.5877, 0.5764, 0.617, 0.5988, 0.6164, 0.6342],
        [0.5177, 0.5145, 0.5583, 0.5135, 0.5243, 0.5423, 0.5642, 0.5836, 0.5421, 0.5565],
      ],
      sir: [
        [0.9534, 0.9725, 0.9751, 0.8048, 0.7139, 0.7015, 0.6518, 0.746, 0.8103, 0.822],
        [0.897, 0.9526, 0.6746, 0.5942, 0.5683, 0.6116, 0.5893, 0.5809, 0.6802, 0.6475],
        [0.5982, 0.5706, 0.5897, 0.5526, 0.5455, 0.5585, 0.5507, 0.5689, 0.5662, 0.7469],
      ],
      lotka_volterra: [
        [0.9994, 0.9994, 0.9995, 0.9998, 0.9995, 0.9994, 1.0, 0.9974, 0.9994, 0.9997],
        [0.9979, 0.9987, 0.9934, 0.9998, 0.9945, 0.9982, 0.9999, 0.997, 0.9918, 0.9971],
        [0.9856, 0.9873, 0.956, 0.9992, 0.957, 0.9802, 0.999, 0.9858, 0.9821, 0.9753],
      ],
    },
  },
  {
    classifier: "mlp",
    method: "NLE",
    source: "Lueckmann et al. 2021",
    scores: {
      gaussian_linear: [0.6504, 0.5548, 0.5147],
      gaussian_linear_uniform: [0.7228, 0.5481, 0.5065],
      slcp: [0.9456, 0.771, 0.6988],
      slcp_distractors: [0.9868, 0.9607, 0.9052],
      bernoulli_glm: [0.7403, 0.6047, 0.5449],
      bernoulli_glm_raw: [0.8704, 0.9393, 0.9508],
      gaussian_mixture: [0.7401, 0.7234, 0.6897],
      two_moons: [0.7731, 0.7132, 0.6682],
      sir: [0.761, 0.7483, 0.7296],
      lotka_volterra: [0.994, 0.9563, 0.9518],
    },
  },
  {
    classifier: "mlp",
    method: "NRE",
    source: "Lueckmann et al. 2021",
    scores: {
      gaussian_linear: [0.672, 0.5603, 0.5363],
      gaussian_linear_uniform: [0.788, 0.7061, 0.6312],
      slcp: [0.9717, 0.9467, 0.919],
      slcp_distractors: [0.9801, 0.968, 0.9527],
      bernoulli_glm: [0.8992, 0.8117, 0.7508],
      bernoulli_glm_raw: [0.9149, 0.8343, 0.777],
      gaussian_mixture: [0.7772, 0.7482, 0.7348],
      two_moons: [0.8217, 0.7614, 0.6292],
      sir: [0.8409, 0.7704, 0.6899],
      lotka_volterra: [0.9996, 0.9976, 0.9964],
    },
  },
  {
    classifier: "mlp",
    method: "SNPE",
    source: "Lueckmann et al. 2021",
    scores: {
      gaussian_linear: [0.6523, 0.5441, 0.5072],
      gaussian_linear_uniform: [0.6314, 0.5272, 0.5066],
      slcp: [0.9652, 0.8445, 0.6656],
      slcp_distractors: [0.9785, 0.9306, 0.7779],
      bernoulli_glm: [0.8545, 0.6143, 0.5245],
      bernoulli_glm_raw: [0.9059, 0.6576, 0.6066],
      gaussian_mixture: [0.6689, 0.5511, 0.5363],
      two_moons: [0.6434, 0.5539, 0.5298],
      sir: [0.6375, 0.5609, 0.5748],
      lotka_volterra: [0.9902, 0.9533, 0.9281],
    },
  },
  {
    classifier: "mlp",
    method: "SNLE",
    source: "Lueckmann et al. 2021",
    scores: {
      gaussian_linear: [0.6281, 0.5476, 0.5186],
      gaussian_linear_uniform: [0.6574, 0.5524, 0.5091],
      slcp: [0.9206, 0.7131, 0.5781],
      slcp_distractors: [0.9916, 0.9489, 0.8826],
      bernoulli_glm: [0.634, 0.5535, 0.5218],
      bernoulli_glm_raw: [0.9901, 0.9733, 0.9869],
      gaussian_mixture: [0.7061, 0.6854, 0.6463],
      two_moons: [0.6571, 0.5711, 0.582],
      sir: [0.7455, 0.7446, 0.65],
      lotka_volterra: [0.909, 0.7377, 0.6951],
    },
  },
  {
    classifier: "forest",
    method: "NPE",
    source: "Vetter et al. 2025",
    scores: {
      gaussian_linear: [0.7527, 0.5984, 0.5332],
      gaussian_linear_uniform: [0.75, 0.6069, 0.5429],
      slcp: [0.9677, 0.8737, 0.7189],
      slcp_distractors: [0.9773, 0.9241, undefined],
      bernoulli_glm: [0.8816, 0.6938, 0.5948],
      bernoulli_glm_raw: [0.908, 0.7783, 0.6528],
      gaussian_mixture: [0.6732, 0.5405, 0.5151],
      two_moons: [0.698, 0.5536, 0.525],
      sir: [0.7008, 0.556, 0.5195],
      lotka_volterra: [0.9972, 0.967, 0.8799],
    },
  },
  {
    classifier: "forest",
    method: "NLE",
    source: "Vetter et al. 2025",
    scores: {
      gaussian_linear: [0.6219, 0.5546, 0.5229],
      gaussian_linear_uniform: [0.632, 0.5545, 0.5238],
      slcp: [0.9044, 0.761, 0.6017],
      slcp_distractors: [0.9842, 0.9312, undefined],
      bernoulli_glm: [0.7466, 0.6438, 0.5815],
      bernoulli_glm_raw: [0.8904, 0.9174, 0.9606],
      gaussian_mixture: [0.7034, 0.6688, 0.6196],
      two_moons: [0.6848, 0.5952, 0.5508],
      sir: [0.8904, 0.7244, 0.6222],
      lotka_volterra: [0.9914, 0.9635, 0.8047],
    },
  },
  {
    classifier: "forest",
    method: "NPE-PF",
    source: "Vetter et al. 2025",
    scores: {
      gaussian_linear: [0.5462, 0.5234, 0.5192],
      gaussian_linear_uniform: [0.5546, 0.5437, 0.5299],
      slcp: [0.8983, 0.8645, 0.8078],
      bernoulli_glm: [0.7421, 0.6271, 0.5722],
      bernoulli_glm_raw: [0.7748, 0.6827, 0.6854],
      gaussian_mixture: [0.7163, 0.6786, 0.5573],
      two_moons: [0.6957, 0.6317, 0.5463],
      sir: [0.5827, 0.5369, 0.5134],
      lotka_volterra: [0.9309, 0.8345, 0.6949],
    },
  },
  {
    classifier: "forest",
    method: "Simformer",
    source: "Gloeckler et al. 2024",
    scores: {
      gaussian_linear: [0.732, 0.635, 0.505],
      slcp: [0.924, 0.784, 0.703],
      gaussian_mixture: [0.574, 0.515, 0.506],
      two_moons: [0.611, 0.525, 0.506],
    },
  },
  {
    classifier: "forest",
    method: "NPSE",
    source: "Gloeckler et al. 2024",
    scores: {
      gaussian_linear: [0.705, 0.572, 0.507],
      slcp: [0.988, 0.831, 0.63],
      gaussian_mixture: [0.613, 0.528, 0.502],
      two_moons: [0.57, 0.513, 0.502],
    },
  },
];
