/**
 * `<amortis-posterior>`: the posterior of data given to it, in any page and without a bundler.
 *
 *     <script type="module" src="amortis-posterior.js"></script>
 *     <amortis-posterior src="line.amortis" data='{"y": [0.1, 0.4, 0.2]}'></amortis-posterior>
 *
 * Attributes: `src`, the address of an estimator; `data`, JSON; `data-src`, the address of a .npy, .npz, .csv or .json file; `level` of the intervals, 0.9; `samples`,
 * 1000; `seed`, 0. Properties beside them: `file`, a File or bytes in the place of `src`; `data`, arrays by name; `answer`, the last one. Events: `answer`, whose `detail` is
 * the answer (names, draws, mean, sd, lower, upper, typicality), and `error`, whose `detail` is the message.
 *
 * Networks run in a worker. The element takes the colours of the page; `--amortis-posterior`, `--amortis-prior` and `--amortis-warning` change its own.
 */
import { latest } from "../protocol/latest.js";
import type { Answer } from "../protocol/types.js";
import { lightOf, saying, trust } from "../draw/words.js";
import type { ElementCard, ElementCalls, GivenData } from "./answering.js";
import { pictureOf } from "./picture.js";
import { STYLE } from "./style.js";
import { startWorker } from "./start-worker.js";
import type { Remote } from "../protocol/rpc.js";

/** Data as a page has them: numbers by name, or the numbers alone where the model has one array. */
export type PageData = unknown;

const ATTRIBUTES = ["src", "data", "data-src", "level", "samples", "seed"] as const;

/** The element. */
export class AmortisPosterior extends HTMLElement {
  static readonly observedAttributes = ATTRIBUTES;

  /** The last answer; undefined before the first. */
  answer: Answer | undefined;
  #card: ElementCard | undefined;
  #file: Blob | Uint8Array | undefined;
  #data: PageData;
  #asked = false;
  #remote: Promise<Remote<ElementCalls>> | undefined;
  readonly #root = this.attachShadow({ mode: "open" });
  readonly #ask = latest<undefined, void>(
    async () => this.#answerNow(),
    () => {},
    (error) => {
      this.#show(error);
    },
  );

  /** The estimator as a file or bytes, in the place of `src`. */
  set file(file: Blob | Uint8Array | undefined) {
    this.#file = file;
    this.#update(true);
  }

  /** Arrays by name, nested or flat; in the place of the attribute. */
  set data(data: PageData) {
    this.#data = data;
    this.#update(false);
  }

  get data(): PageData {
    return this.#data;
  }

  connectedCallback(): void {
    this.#update(true);
  }

  attributeChangedCallback(name: string): void {
    this.#update(name === "src");
  }

  /** Once for all that changes now. */
  #update(reopen: boolean): void {
    if (!this.isConnected) return;
    if (reopen) this.#card = undefined;
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      this.#ask(undefined);
    });
  }

  async #answerNow(): Promise<void> {
    this.setAttribute("aria-busy", "true");
    try {
      this.#remote ??= startWorker();
      const remote = await this.#remote;
      const bytes = this.#card === undefined ? await this.#estimatorBytes() : undefined;
      if (bytes !== undefined) this.#card = await remote.open(bytes);
      const data = await this.#givenData();
      if (this.#card === undefined || data === undefined) return;
      const level = this.#number("level", 0.9);
      const [samples, seed] = [this.#number("samples", 1_000), this.#number("seed", 0)];
      const answer = await remote.answer({ data, samples, seed, level });
      this.answer = answer;
      this.#root.innerHTML = `<style>${STYLE}</style>${this.#html(this.#card, answer, level)}`;
      this.dispatchEvent(new CustomEvent("answer", { detail: answer }));
    } finally {
      this.removeAttribute("aria-busy");
    }
  }

  async #estimatorBytes(): Promise<Uint8Array | undefined> {
    if (this.#file instanceof Uint8Array) return this.#file;
    if (this.#file !== undefined) return new Uint8Array(await this.#file.arrayBuffer());
    const src = this.getAttribute("src");
    return src === null ? undefined : fetchBytes(src);
  }

  async #givenData(): Promise<GivenData | undefined> {
    if (this.#data !== undefined) return { arrays: this.#data };
    const [text, src] = [this.getAttribute("data"), this.getAttribute("data-src")];
    if (text !== null) {
      try {
        const arrays: unknown = JSON.parse(text);
        return { arrays };
      } catch (cause) {
        throw new Error(
          `the attribute data must be JSON, such as {"y": [1, 2]}: ${String(cause)}`,
          {
            cause,
          },
        );
      }
    }
    if (src === null) return undefined;
    return { bytes: await fetchBytes(src), name: src.split("/").at(-1) ?? src };
  }

  #number(name: string, usual: number): number {
    const text = this.getAttribute(name);
    const value = Number(text);
    if (text === null) return usual;
    if (Number.isFinite(value) && text.trim() !== "") return value;
    throw new Error(`the attribute ${name} must be a number, but is "${text}"`);
  }

  #html({ model, flat, priorDraws }: ElementCard, answer: Answer, level: number): string {
    const light = lightOf(answer);
    return `<section aria-label="${escape(`posterior of ${model}`)}">
<p>${escape(saying(answer, level))}</p>
<p class="trust ${light}" data-light="${light}">${escape(trust(answer, 1))}</p>
${flat.map((one, k) => pictureOf(one, k, answer, priorDraws)).join("\n")}</section>`;
  }

  #show(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#root.innerHTML = `<style>${STYLE}</style><p class="error" role="alert">${escape(message)}</p>`;
    this.dispatchEvent(new CustomEvent("error", { detail: message }));
  }
}

async function fetchBytes(address: string): Promise<Uint8Array> {
  const url = new URL(address, document.baseURI);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href} cannot be read: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
