/**
 * Draws of learned posteriors: calls of the programs that make them of noise, in their order, and where each draw belongs.
 */
import type { HostTensor } from "@amortis/graph";
import { blocks, drawsPerCall, type Block } from "./calls.js";
import {
  askedOf,
  baseNoise,
  noiseStreams,
  placesOf,
  scatter,
  shares,
  type DrawingMember,
} from "./drawing.js";
import type { OpenedPrograms } from "./opened-programs.js";
import { finiteOf, rows } from "./results.js";

/** So many draws of the data sets [start, end). */
export type AskedDraws = Readonly<Record<"draws" | "seed" | "start" | "end", number>>;

/** A call of a network, and where its draws belong: in their order where there are no places. */
interface PieceOfDraws extends Block {
  readonly program: string;
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly places: Uint32Array | undefined;
}

/** What draws of some data sets. */
export class LearnedDraws {
  readonly #programs: OpenedPrograms;
  readonly #members: readonly DrawingMember[];
  readonly #context: HostTensor;
  readonly #p: number;

  /**
   * @param members that draw: the only network, or those of an ensemble.
   * @param context what the networks make of the data sets, [size, k].
   * @param parameters the number of flat parameters, p.
   */
  constructor(
    programs: OpenedPrograms,
    members: readonly DrawingMember[],
    context: HostTensor,
    parameters: number,
  ) {
    this.#programs = programs;
    this.#members = members;
    this.#context = context;
    this.#p = parameters;
  }

  /**
   * Draws of the data sets [start, end), [end - start, draws, p].
   *
   * @param report hears what share is done.
   * @throws DataError where a draw is not finite, with its data set.
   */
  async draw(asked: AskedDraws, report?: (share: number) => void): Promise<Float32Array> {
    const { draws, start, end } = asked;
    const p = this.#p;
    const total = (end - start) * draws;
    const result = new Float32Array(total * p);
    const pieces = this.#pieces(asked);
    let done = 0;
    await this.#programs.inThreads(total, async (runs) => {
      const lanes = runs.map(async (run) => {
        for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
          const { program, feeds, places, from, to, first, last } = next.value;
          const what = { what: "a draw", first: from, sets: to - from };
          const theta = finiteOf(await run(program, feeds), "theta", what);
          const at = { set: from - start, sets: to - from, first, draws, p };
          if (places === undefined) result.set(theta, (at.set * draws + first) * p);
          else scatter(theta, result, places, at);
          done += (to - from) * (Math.min(last, places?.length ?? last) - first);
          report?.(done / total);
        }
      });
      await Promise.all(lanes);
    });
    return result;
  }

  /** What is to be run for draws, a call of a network at a time. Streams of noise go on from one to the next, so that they are taken in this order. */
  *#pieces({ draws, seed, start, end }: AskedDraws): Generator<PieceOfDraws, undefined> {
    const [members, context] = [this.#members, this.#context];
    const who = shares(members, draws, seed);
    const most = drawsPerCall(this.#p);
    for (const [k, { program, weight, noise }] of members.entries()) {
      const places = placesOf(who, k);
      const each = members.length === 1 ? draws : askedOf(weight, draws, places.length, most);
      // A stream a data set, so that a draw does not depend on what else is in the batch.
      let streams = noiseStreams(seed, start, start, k);
      for (const block of blocks(start, end, each, most)) {
        const { from, to, first, last } = block;
        if (first === 0) streams = noiseStreams(seed, from, to, k);
        const feeds: Record<string, HostTensor> = { context: rows(context, from, to) };
        for (const kind of ["normal", "uniform"] as const) {
          if (noise[kind] > 0) feeds[kind] = baseNoise(streams, kind, last - first, noise[kind]);
        }
        yield { ...block, program, feeds, places: members.length === 1 ? undefined : places };
      }
    }
  }
}
