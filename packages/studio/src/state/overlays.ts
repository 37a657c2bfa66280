/**
 * Other answers to the data on screen.
 */
import type { Answer, ReferenceKind } from "../protocol/types.js";
import { engine } from "./engine.js";
import { guarded, overlays, question, reply } from "./store.js";

const TITLES = { exact: "by the likelihood", mcmc: "by Markov chains" } as const;

/** Lays an answer by the model's likelihood over the posterior. */
export async function layReference(kind: ReferenceKind): Promise<void> {
  await guarded("compare", async () => {
    const { value: asked } = question;
    if (asked === undefined) return;
    const answer = await engine().reference({ question: asked, kind });
    // The data have moved on meanwhile.
    if (question.value === asked) put(TITLES[kind], answer);
  });
}

/** Lays the answer of another estimator to the same data over the posterior. */
export async function laySecond(file: File): Promise<void> {
  await guarded("compare", async () => {
    const [asked, data] = [question.value, reply.value?.data];
    if (asked === undefined || data === undefined) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const second = await engine().open({ bytes, title: file.name });
    try {
      const { answer, refusal } = await engine().ask({
        ...asked,
        estimator: second.id,
        source: { kind: "given", data },
        contamination: { share: 0, slab: 1 },
        erased: {},
        threshold: undefined,
        replicates: 1,
        priors: {},
      });
      if (answer === undefined) throw new Error(`${file.name} does not answer: ${refusal}`);
      if (answer.names.join() !== reply.value?.answer?.names.join()) {
        throw new Error(`${file.name} is of other parameters: ${answer.names.join(", ")}`);
      }
      if (question.value === asked) put(file.name, answer);
    } finally {
      await engine().close(second.id);
    }
  });
}

function put(title: string, answer: Answer): void {
  overlays.value = [...overlays.value.filter((one) => one.title !== title), { title, answer }];
}
