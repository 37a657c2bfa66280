/**
 * `<amortis-field>`: a Gaussian random field of a range that a slider says, and the posterior of that range.
 */
import { factorField, sampleField } from "@amortis/gaussian-field";
import { fixedNoise, posteriorBy, slider } from "./posterior.js";

/** Points along a side of the field. */
const SIDE = 16;

/** The element. */
export class AmortisField extends HTMLElement {
  readonly #noise = fixedNoise(SIDE * SIDE, 11);
  readonly #posterior = posteriorBy("gaussian-field");
  readonly #canvas = document.createElement("canvas");

  connectedCallback(): void {
    if (this.childElementCount > 0) return;
    Object.assign(this.#canvas, { width: SIDE, height: SIDE });
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", "a random field of the range of the slider");
    const sliders = document.createElement("div");
    sliders.className = "sliders";
    sliders.append(
      slider("range", { from: 0.02, to: 0.6, value: 0.2 }, (range) => {
        this.#simulate(range);
      }),
    );
    const left = document.createElement("div");
    left.append(this.#canvas, sliders);
    this.append(left, this.#posterior.element);
    this.#simulate(0.2);
  }

  #simulate(range: number): void {
    const z = sampleField(factorField(range), {
      fillNormal: (values) => {
        values.set(this.#noise);
      },
    });
    this.#draw(z);
    this.#posterior.show({ z: Array.from(z) });
  }

  /** From dark to light, as the figures of the library. */
  #draw(z: ArrayLike<number>): void {
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    const image = context.createImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) {
      const share = Math.max(0, Math.min(1, ((z[i] ?? 0) + 3) / 6));
      image.data.set([255 * share, 40 + 190 * share, 110 - 40 * share + 20, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }
}
