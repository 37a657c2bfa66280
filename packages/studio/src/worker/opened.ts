/**
 * Estimators that are open in this worker, with the models that simulate for them, where there are any.
 */
import { loadPosterior, type AnyModel, type PosteriorSourceEstimator } from "amortis";
import { answersWith, type Estimator } from "amortis/extend";
import type { Card } from "../protocol/types.js";
import { cardOf } from "./card.js";
import { modelFor } from "./models.js";

/** An estimator that is open. */
export interface Opened {
  readonly estimator: PosteriorSourceEstimator<AnyModel["parameters"]>;
  readonly model: AnyModel | undefined;
  /** The model under which no threshold hides anything, where there is one. */
  readonly whole: AnyModel | undefined;
  readonly card: Card;
  /** Warnings since they were last taken. */
  readonly warnings: string[];
}

const opened = new Map<number, Opened>();
let last = 0;

/**
 * Opens an estimator.
 *
 * @param code JavaScript of a module that exports its model; left out, a ready model is looked for that it was trained for.
 * @throws where the bytes are no estimator's that gives posteriors, or the model is another.
 */
export async function openEstimator(
  bytes: Uint8Array,
  title: string,
  code: string | undefined,
): Promise<Card> {
  const warnings: string[] = [];
  const onWarning = (message: string): void => {
    warnings.push(message);
  };
  const bare = await loadPosterior(bytes, { onWarning });
  const found = await modelFor(bare.details.model.name, code);
  const model = found?.model;
  const fits = model && (await loadPosterior(bytes, { onWarning, model }).catch(orWithout(code)));
  const estimator = fits ?? bare;
  if (fits !== undefined) await bare.release();
  const id = ++last;
  const { words } = await answersWith(bare satisfies Pick<Estimator, "details">);
  const own = fits === undefined ? undefined : model;
  const ceiling = fits === undefined ? undefined : found?.ceiling;
  const threshold = ceiling?.threshold;
  const card = await cardOf({
    id,
    title,
    bytes: bytes.length,
    estimator,
    model: own,
    words,
    threshold,
  });
  opened.set(id, { estimator, model: own, whole: ceiling?.whole, card, warnings });
  return card;
}

/** A ready model that has the name, but is another, is left out; a model that was given must fit. */
function orWithout(code: string | undefined): (error: unknown) => undefined {
  return (error) => {
    if (code !== undefined) throw error;
    return undefined;
  };
}

/** @throws Error where none is open under the number. */
export function openedAs(id: number): Opened {
  const found = opened.get(id);
  if (found === undefined) throw new Error(`no estimator ${id} is open: open it again`);
  return found;
}

/** @throws Error where there is no simulator. */
export function modelOf({ model, card }: Opened): AnyModel {
  if (model !== undefined) return model;
  throw new Error(
    `${card.title} holds no simulator: a file never does. Open it from the playground, with its model`,
  );
}

/** What simulates data of which nothing is hidden. */
export function wholeModelOf(opened: Opened): AnyModel {
  return opened.whole ?? modelOf(opened);
}

/** Frees an estimator. */
export async function closeEstimator(id: number): Promise<void> {
  await opened.get(id)?.estimator.release();
  opened.delete(id);
}
