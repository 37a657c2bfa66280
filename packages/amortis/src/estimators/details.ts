/**
 * What a file says of an estimator: how it was made, trained and standardised, by the schema that its manifest must fit.
 */
import { arraySpecFields } from "../data/array-spec.js";
import { standardizationSchema } from "../data/standardization-schema.js";
import { object, optional, record } from "../schema/objects.js";
import { either, type Schema, type ValueOf } from "../schema/schema.js";
import { json, list, number, oneOf, orNull, text, whole } from "../schema/values.js";
import { calibrationSchema } from "./calibration-schema.js";
import type { Answers } from "./kinds.js";

/** Numbers of a file that size arrays: no larger than what fits a network. */
export function count(least = 0): Schema<number> {
  return whole({ least, most: 2 ** 20 });
}

/** Bounds of parameters. Infinite ones are not JSON numbers; they are written as null. */
export const boundsSchema = list(orNull(number(), null));

// A loss before any validation, or of one that overflowed, is no JSON number; it is written as null.
const lossSchema = orNull(number(), Number.NaN);

/** One epoch of training, in files. */
export const recordSchema = object({
  epoch: number(),
  step: number(),
  trainingLoss: lossSchema,
  validationLoss: lossSchema,
  learningRate: number(),
  seconds: number(),
});

/** Why training ended, in files. */
export const endSchema = oneOf("complete", "patience", "interrupted", "diverged");

/** A shape of parameters. */
export const shapeSchema = list(whole({ least: 1 }));

/** One text for all numbers, or one for each. */
const textsSchema = either(text(), list(text()));

const worded = { unit: optional(textsSchema), description: optional(textsSchema) };

const originSchema = object({
  model: text(),
  seed: optional(object({ kind: oneOf("number", "string"), value: text() })),
  priors: either(oneOf("given"), record(json)),
  first: number(),
  end: number(),
});

const memberSchema = object({
  description: json,
  settings: json,
  weight: number(),
  epochs: whole(),
  bestEpoch: number(),
  bestValidationLoss: lossSchema,
  endedBy: endSchema,
});

/** Everything but the model and who made it, which version 1 said otherwise. */
export const sameInAll = {
  method: text(),
  description: json,
  /** Checked by its kind. */
  answers: object({ kind: text() }, { others: "kept" }),
  standardization: standardizationSchema,
  training: object({
    settings: json,
    simulations: whole(),
    invalidSimulations: whole(),
    /** Of those: why they are invalid, and where in θ they lie. Files of earlier versions do not say; nor how training ended. */
    whereInvalid: optional(text()),
    /** What was learned of p(valid | θ), where some were: how many simulations from, and the loss, beside that of a constant, on those held out. */
    validity: optional(object({ simulations: whole(), loss: number(), constantLoss: number() })),
    /** What was done to the simulations before anything was learned from them: answers are those given data to which it may have happened. */
    corruption: optional(text()),
    /** Data sets without known parameters from which it learned beside the simulations, and how. */
    unlabelled: optional(text()),
    /** The model, and how many simulations of it, that weights were learned from first, where training went on from another estimator. */
    from: optional(object({ model: text(), simulations: whole() })),
    /** Where the simulations come from: `sharedSimulations` tells which others are among them. */
    origin: optional(originSchema),
    seconds: number(),
    endedBy: optional(endSchema),
    /** Of an ensemble: its members, whose epochs follow one another in the history, and which the losses here are the mixture's of. */
    members: optional(list(memberSchema)),
    bestEpoch: number(),
    bestValidationLoss: lossSchema,
    history: list(recordSchema),
  }),
  variables: list(object({ name: text(), shape: list(whole({ least: 0 })) })),
  programs: list(text()),
};

/** A manifest's content. */
export const detailsSchema = object({
  created: object({
    by: text(),
    /** ISO 8601, in UTC; files of version 1 do not say when. */
    at: optional(text()),
    software: record(text()),
  }),
  model: object({
    name: text(),
    parameters: list(
      object({
        name: text(),
        shape: shapeSchema,
        prior: json,
        support: object({ lower: boundsSchema, upper: boundsSchema }),
        ...worded,
      }),
    ),
    data: record(object({ ...arraySpecFields, ...worded })),
  }),
  ...sameInAll,
  /** How it answers simulations that were held out of training; where there were too few, and in files of version 1, it does not say. */
  calibration: optional(calibrationSchema),
});

/** Everything about an estimator but its bytes. */
export type Details = Omit<ValueOf<typeof detailsSchema>, "answers"> & {
  readonly answers: Answers;
};

/** One epoch of training. */
export type HistoryRecord = ValueOf<typeof recordSchema>;
