/**
 * Models that simulate: those that the studio brings along, and those of the playground, which are code of the user's own.
 */
import type { AnyModel } from "amortis";
import { isModel } from "amortis/extend";
import type { Threshold } from "../protocol/types.js";

/** A model that simulates. */
export interface Simulating {
  readonly model: AnyModel;
  /** Where a threshold hides values: the model under which none are, and what it hides. */
  readonly ceiling?: { readonly whole: AnyModel; readonly threshold: Threshold };
}

/** Loaded when an estimator of theirs is opened. */
const READY: Readonly<Record<string, () => Promise<Simulating>>> = {
  "gaussian-field": async () => ({
    model: (await import("@amortis/gaussian-field")).gaussianField,
  }),
  line: async () => ({ model: (await import("../models/line.js")).line }),
  ceiling: async () => {
    const { ceiling, unceiled, CEILING } = await import("../models/ceiling.js");
    const threshold = { of: "y", input: "ceiling", from: CEILING.from, to: CEILING.top };
    return { model: ceiling, ceiling: { whole: unceiled, threshold } };
  },
};

/**
 * The model of code, or else the ready one of a name.
 *
 * @throws Error where the code exports no model.
 */
export async function modelFor(
  name: string,
  code: string | undefined,
): Promise<Simulating | undefined> {
  if (code !== undefined) return { model: await modelOfCode(code) };
  return Object.hasOwn(READY, name) ? READY[name]?.() : undefined;
}

/**
 * The model that a module of JavaScript exports. Its code runs: it is the user's own.
 *
 * @throws Error where it exports none, or several.
 */
export async function modelOfCode(code: string): Promise<AnyModel> {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    const module: Readonly<Record<string, unknown>> = await import(/* @vite-ignore */ url);
    const models = Object.values(module).filter(isModel);
    const [model] = models;
    if (model === undefined || models.length > 1) {
      throw new Error(
        `the code must export one model, but exports ${models.length}: export const mine = defineModel({ ... })`,
      );
    }
    return model;
  } finally {
    URL.revokeObjectURL(url);
  }
}
