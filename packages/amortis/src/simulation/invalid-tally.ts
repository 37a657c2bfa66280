/**
 * An account of invalid simulations that does not grow with their number: how many, why, and where in θ they lie.
 *
 * Leaving simulations out changes the prior: what is learned is p(θ | valid) in its place. So the account sets the range of each
 * parameter among the invalid simulations beside that among the valid ones.
 */
import { describeParameters, type InvalidSimulation } from "./simulated-data.js";

/** Least and greatest value; null where there is none. */
type Range = readonly [number, number] | null;

/** The account as plain data, ready for JSON. */
export interface InvalidRecord {
  /** Simulations, valid or not. */
  readonly total: number;
  readonly invalid: number;
  /** How many for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The first one; values that are not finite are null. */
  readonly example?: {
    readonly index: number;
    readonly parameters: readonly (number | null)[];
    readonly reason: string;
  };
  /** Of each flat parameter, among the invalid simulations and among the valid ones. */
  readonly ranges: readonly { readonly invalid: Range; readonly valid: Range }[];
}

/** What is counted: rows of simulations, and those left out. */
export interface Counted {
  readonly size: number;
  /** θ of the valid ones, [size, p], where they are known. */
  readonly parameters?: ArrayLike<number>;
  readonly invalid: readonly InvalidSimulation[];
}

/** Kinds of reasons that are told apart; a message with a number in it would make one of each simulation. */
const MOST_REASONS = 1_000;
const OTHER = "other reasons";
/** Parameters whose ranges are listed. */
const MOST_PARAMETERS = 12;

/** Grows with each chunk of simulations. */
export class InvalidTally {
  readonly #names: readonly string[];
  readonly #reasons = new Map<string, number>();
  #total = 0;
  #invalid = 0;
  #example: InvalidSimulation | undefined;
  readonly #invalidRanges: Range[];
  readonly #validRanges: Range[];

  /** @param names of the flat parameters. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#invalidRanges = names.map(() => null);
    this.#validRanges = names.map(() => null);
  }

  /** Invalid simulations. */
  get count(): number {
    return this.#invalid;
  }

  /** Simulations, valid or not. */
  get total(): number {
    return this.#total;
  }

  /** Counts simulations. */
  add({ size, parameters = [], invalid }: Counted): this {
    const p = this.#names.length;
    this.#total += size + invalid.length;
    this.#invalid += invalid.length;
    this.#example ??= invalid[0];
    for (const { reason } of invalid) this.#addReason(kindOf(reason), 1);
    for (const one of invalid) widen(this.#invalidRanges, one.parameters, p);
    widen(this.#validRanges, parameters, p);
    return this;
  }

  /** Counts what another account has counted, such as that of a run before. */
  addRecord({ total, invalid, reasons, example, ranges }: InvalidRecord): this {
    this.#total += total;
    this.#invalid += invalid;
    for (const [kind, count] of Object.entries(reasons)) this.#addReason(kind, count);
    this.#example ??= example && {
      ...example,
      parameters: example.parameters.map((value) => value ?? Number.NaN),
    };
    const p = this.#names.length;
    for (const [i, range] of ranges.entries()) {
      for (const end of range.invalid ?? []) widenOne(this.#invalidRanges, i % p, end);
      for (const end of range.valid ?? []) widenOne(this.#validRanges, i % p, end);
    }
    return this;
  }

  #addReason(kind: string, count: number): void {
    const known = this.#reasons.has(kind) || this.#reasons.size < MOST_REASONS;
    const key = known ? kind : OTHER;
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + count);
  }

  /** The account as data. */
  toRecord(): InvalidRecord {
    const example = this.#example;
    return {
      total: this.#total,
      invalid: this.#invalid,
      reasons: Object.fromEntries(this.#reasons),
      ...(example && {
        example: {
          ...example,
          parameters: example.parameters.map((value) => (Number.isFinite(value) ? value : null)),
        },
      }),
      ranges: this.#names.map((_, i) => ({
        invalid: this.#invalidRanges[i] ?? null,
        valid: this.#validRanges[i] ?? null,
      })),
    };
  }

  /**
   * One line: how many are invalid, why, where in θ they lie, and an example; undefined where none is.
   *
   * @param total simulations asked for, where more are to come.
   */
  describe(total = this.#total): string | undefined {
    const example = this.#example;
    if (example === undefined) return undefined;
    const common = [...this.#reasons].toSorted((a, b) => b[1] - a[1]).slice(0, 3);
    const causes = common.map(([reason, count]) => `${count} × ${reason}`).join("; ");
    const count = this.#invalid;
    const share = ((100 * count) / total).toFixed(count * 1000 < total ? 2 : 1);
    return (
      `${count} of ${total} simulations (${share} %) were invalid: ${causes}; ${this.#where()}; ` +
      `for example simulation ${example.index} at ${describeParameters(this.#names, example.parameters)}: ${example.reason}`
    );
  }

  #where(): string {
    const known = this.#validRanges.some((range) => range !== null);
    const listed = this.#names.slice(0, MOST_PARAMETERS).map((name, i) => {
      const valid = known ? ` (${inWords(this.#validRanges[i] ?? null)})` : "";
      return `${name} ${inWords(this.#invalidRanges[i] ?? null)}${valid}`;
    });
    const more = this.#names.length - listed.length;
    if (more > 0) listed.push(`and ${more} more parameters`);
    return `they lie${known ? " (and the valid ones)" : ""} within ${listed.join(", ")}`;
  }
}

/** "z[3, 4] is NaN" and "z[0, 1] is NaN" are one reason. */
function kindOf(reason: string): string {
  return reason.replaceAll(/\[[\d, ]*\]/g, "");
}

function widen(ranges: Range[], rows: ArrayLike<number>, p: number): void {
  for (let i = 0; i < rows.length; i++) widenOne(ranges, i % p, rows[i] ?? Number.NaN);
}

function widenOne(ranges: Range[], at: number, value: number): void {
  if (!Number.isFinite(value)) return;
  const range = ranges[at] ?? null;
  if (range === null) ranges[at] = [value, value];
  else if (value < range[0]) ranges[at] = [value, range[1]];
  else if (value > range[1]) ranges[at] = [range[0], value];
}

function inWords(range: Range): string {
  if (range === null) return "no finite value";
  const [low, high] = range.map((value) => String(Number(value.toPrecision(4))));
  return low === high ? `${low}` : `${low} to ${high}`;
}
