/**
 * Tables of the ziggurat for the standard normal: 128 layers of equal area (Marsaglia & Tsang 2000, in the form of Doornik 2005).
 */

/** Where the tail begins. */
export const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
export const LAYERS = 128;

/** Right edges of the layers, widest first; the last is zero. */
export const EDGE = new Float64Array(LAYERS + 1);
/** Share of each layer that lies wholly under the density. */
export const INNER = new Float64Array(LAYERS);

let density = Math.exp(-0.5 * TAIL * TAIL);
EDGE[0] = AREA / density;
EDGE[1] = TAIL;
for (let i = 2; i < LAYERS; i++) {
  const previous = EDGE[i - 1] ?? TAIL;
  const edge = Math.sqrt(-2 * Math.log(AREA / previous + density));
  EDGE[i] = edge;
  density = Math.exp(-0.5 * edge * edge);
}
for (let i = 0; i < LAYERS; i++) INNER[i] = (EDGE[i + 1] ?? 0) / (EDGE[i] ?? 1);
