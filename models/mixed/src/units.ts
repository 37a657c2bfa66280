/** What standard deviations in units of a problem are multiplied by: of σ, then of random effects. */
export function unitsOf(scale: number, randomScale: Float64Array): Float64Array {
  return Float64Array.from([scale, ...Array.from(randomScale, (unit) => scale / unit)]);
}
