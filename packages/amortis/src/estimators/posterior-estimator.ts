/**
 * Trained estimators of posteriors.
 */
import { UnsupportedError, type HostTensor } from "@amortis/graph";
import { z } from "zod";
import type { ParameterSpec } from "../model/index.js";
import type { DataInput } from "../data/match-data.js";
import { offsetSource } from "../posterior/offset-source.js";
import { requireFinite } from "../posterior/finite.js";
import {
  PosteriorBatch,
  requireDraws,
  type Drawn,
  type Posterior,
  type PosteriorSource,
} from "../posterior/posterior.js";
import { blocks, drawsPerCall, EstimatorBase, finiteOf, rows, type OpenOptions } from "./base.js";
import { countSchema, type Contents } from "./contents.js";
import { posteriorSheet } from "./documents.js";
import { baseNoise, drawingMembers, noiseStreams, placesOf, scatter, shares } from "./drawing.js";
import type { EstimatorType, KindOfAnswer, ProgramShape } from "./kind-of-answer.js";
import { contextProgram, valueProgram } from "./programs.js";
import type { BaseNoise } from "../densities/density.js";
import { requireKnown, type KnownOptions } from "../known-options.js";

/** How an answer is given. */
export interface GivenOptions {
  /** Draws held by the posterior, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /** Hears now and then how many data sets of a batch are answered. */
  readonly onProgress?: (done: number, total: number) => void;
}

const KNOWN: KnownOptions<GivenOptions> = { samples: true, seed: true, onProgress: true };

/** A trained estimator of posteriors. */
export class PosteriorEstimator<P = ParameterSpec> extends EstimatorBase {
  readonly kind = "posterior";

  /**
   * The posterior given one data set.
   *
   * @throws InvalidArgumentError, DataError where the data do not fit the model or are not finite.
   */
  async given(data: DataInput, options: GivenOptions = {}): Promise<Posterior<P>> {
    const batch = await this.givenBatch(data, options);
    this.requireOne(batch.size, "givenBatch");
    return batch.at(0);
  }

  /** The posteriors given many data sets, along the leading axis of each array. */
  async givenBatch(data: DataInput, options: GivenOptions = {}): Promise<PosteriorBatch<P>> {
    requireKnown("given", options, KNOWN);
    const { samples = 1000, seed = 0 } = options;
    const matched = this.match(data);
    const { size } = matched;
    requireDraws(samples, size, this.parameterNames.length);
    const context = await this.contexts(matched);
    const source = this.#source(context, size);
    return PosteriorBatch.of<P>(
      offsetSource(source, this.offset),
      samples,
      seed,
      options.onProgress,
    );
  }

  #source(context: HostTensor, size: number): PosteriorSource {
    const { answers } = this.details;
    return {
      slots: this.prior.slots,
      flatNames: this.parameterNames,
      size,
      draw: (draws, seed, start, end) => this.#draw(context, draws, seed, start, end),
      logDensity: async (parameters, start, end) => {
        if (answers.kind === "posterior" && answers.withoutDensity === true) throw noDensity();
        const values = await this.evaluate("logDensity", context, parameters, start, end);
        const asked = { what: "a log density", first: start, sets: end - start, log: true };
        requireFinite(values, asked);
        return values;
      },
    };
  }

  async #draw(
    context: HostTensor,
    draws: number,
    seed: number,
    start: number,
    end: number,
  ): Promise<Drawn> {
    const p = this.parameterNames.length;
    const result = new Float32Array((end - start) * draws * p);
    const { answers } = this.details;
    const members = answers.kind === "posterior" ? drawingMembers(answers) : [];
    const who = shares(members, draws, seed);
    for (const [k, { program, noise }] of members.entries()) {
      const places = placesOf(who, k);
      // A stream a data set, so that a draw does not depend on what else is in the batch; it goes on from piece to piece.
      let streams = noiseStreams(seed, start, start, k);
      for (const { from, to, first, last } of blocks(start, end, places.length, drawsPerCall(p))) {
        if (first === 0) streams = noiseStreams(seed, from, to, k);
        const feeds: Record<string, HostTensor> = { context: rows(context, from, to) };
        for (const kind of ["normal", "uniform"] as const) {
          if (noise[kind] > 0) feeds[kind] = baseNoise(streams, kind, last - first, noise[kind]);
        }
        const drawn = await this.programs.run(program, feeds);
        const theta = finiteOf(drawn, "theta", { what: "a draw", first: from, sets: to - from });
        if (members.length === 1) result.set(theta, ((from - start) * draws + first) * p);
        else
          scatter(theta, result, places, { set: from - start, sets: to - from, first, draws, p });
      }
    }
    const answer = { status: "amortized" } as const;
    return { draws: result, answers: Array.from({ length: end - start }, () => answer) };
  }
}

function noDensity(): UnsupportedError {
  return new UnsupportedError(
    "this estimator was trained with a consistency model, which makes draws and has no density: for log-densities and modes train npe with flowMatching(), diffusion() or meanFlow()",
  );
}

/** Members of an ensemble, at most. */
const MOST_MEMBERS = 64;

const noiseSchema = z.object({ normal: countSchema, uniform: countSchema });

const schema = z.object({
  kind: z.literal("posterior"),
  /** Columns of base noise that one draw takes. */
  noise: noiseSchema,
  /** Said of draws without a density, such as a consistency model's. */
  withoutDensity: z.boolean().exactOptional(),
  /** Of an ensemble: its members, each with a share of the draws and noise of its own. */
  members: z
    .array(z.object({ weight: z.number().min(0).max(1), noise: noiseSchema }))
    .min(2)
    .max(MOST_MEMBERS)
    .exactOptional(),
});

function sampleProgram(noise: BaseNoise): ProgramShape {
  return {
    inputs: {
      context: ["batch", "any"],
      ...(noise.normal > 0 && { normal: ["batch", "draws", noise.normal] }),
      ...(noise.uniform > 0 && { uniform: ["batch", "draws", noise.uniform] }),
    },
    outputs: { theta: ["batch", "draws", "parameters"] },
  };
}

/** The estimator of each type of parameters. */
export interface Posteriors extends EstimatorType {
  readonly estimator: PosteriorEstimator<this["parameters"]>;
}

/** Posteriors that were learned themselves. */
export const posteriorKind: KindOfAnswer<z.output<typeof schema>, Posteriors, "posteriors"> = {
  schema,
  gives: "posteriors",
  advice: "load it with loadPosterior, whose posteriors have means and quantiles",
  options: ["samples", "seed"],
  programs: (answers) => ({
    context: contextProgram,
    ...Object.fromEntries(
      drawingMembers(answers).map(({ program, noise }) => [program, sampleProgram(noise)]),
    ),
    ...(answers.withoutDensity !== true && { logDensity: valueProgram("logDensity") }),
  }),
  open: <P>(contents: Contents, options: OpenOptions) =>
    new PosteriorEstimator<P>(contents, options),
  inWords: () => "posteriors",
  document: (fitted, data, { samples, seed, onProgress }) =>
    posteriorSheet(fitted, data, {
      ...(samples !== undefined && { samples }),
      ...(seed !== undefined && { seed }),
      ...(onProgress && { onProgress }),
    }),
};
