/**
 * `<amortis-line>`: points of a line that can be dragged, and their posterior, which follows.
 */
import { fixedNoise, posteriorBy, slider } from "./posterior.js";

/** Points of the studio's line, evenly from -1 to 1, and how far the picture reaches. */
const POINTS = 24;
const REACH = 3;
const [WIDTH, HEIGHT] = [480, 240];
/** A move of the pointer, in pixels, below which it is a click. */
const CLICK = 3;

const across = (i: number): number => 20 + ((WIDTH - 40) * i) / (POINTS - 1);
const down = (y: number): number => HEIGHT / 2 - (y / REACH) * (HEIGHT / 2 - 10);
const valueAt = (pixel: number): number => ((HEIGHT / 2 - pixel) / (HEIGHT / 2 - 10)) * REACH;
const clamp = (y: number): number => Math.max(-REACH, Math.min(REACH, y));

/** The element. */
export class AmortisLine extends HTMLElement {
  readonly #parameters = { intercept: 0, slope: 1, noise: 0.4 };
  readonly #noise = fixedNoise(POINTS, 7);
  readonly #y = new Float64Array(POINTS);
  readonly #missing = new Set<number>();
  readonly #posterior = posteriorBy("line");
  readonly #dots = Array.from({ length: POINTS }, (_, i) => this.#dot(i));

  connectedCallback(): void {
    if (this.childElementCount > 0) return;
    const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "group" });
    picture.setAttribute(
      "aria-label",
      "24 points of a line: drag one, or press arrow keys; Delete takes it out",
    );
    picture.append(
      svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2, class: "axis" }),
    );
    picture.append(...this.#dots);
    const sliders = document.createElement("div");
    sliders.className = "sliders";
    for (const [name, from, to] of [
      ["intercept", -2, 2],
      ["slope", -2, 2],
      ["noise", 0.05, 1],
    ] as const) {
      const value = this.#parameters[name];
      sliders.append(
        slider(name, { from, to, value }, (moved) => {
          this.#parameters[name] = moved;
          this.#simulate();
        }),
      );
    }
    const left = document.createElement("div");
    left.append(picture, sliders);
    this.append(left, this.#posterior.element);
    this.#simulate();
  }

  /** Data of the model, of the same noise. */
  #simulate(): void {
    const { intercept, slope, noise } = this.#parameters;
    for (let i = 0; i < POINTS; i++) {
      const x = (2 * i) / (POINTS - 1) - 1;
      this.#y[i] = clamp(intercept + slope * x + noise * (this.#noise[i] ?? 0));
    }
    this.#ask();
  }

  #ask(): void {
    for (const [i, dot] of this.#dots.entries()) {
      dot.setAttribute("cy", String(down(this.#y[i] ?? 0)));
      dot.classList.toggle("missing", this.#missing.has(i));
      dot.setAttribute("aria-valuenow", (this.#y[i] ?? 0).toFixed(2));
    }
    this.#posterior.show({
      y: Array.from(this.#y, (y, i) => (this.#missing.has(i) ? Number.NaN : y)),
    });
  }

  #move(i: number, y: number): void {
    this.#y[i] = clamp(y);
    this.#missing.delete(i);
    this.#ask();
  }

  #toggle(i: number): void {
    // One point at least must be there.
    if (!this.#missing.delete(i) && this.#missing.size < POINTS - 1) this.#missing.add(i);
    this.#ask();
  }

  #dot(i: number): SVGElement {
    const dot = svg("circle", { cx: across(i), r: 7, tabindex: 0, role: "slider" });
    dot.setAttribute("aria-label", `point ${i + 1}`);
    dot.setAttribute("aria-valuemin", String(-REACH));
    dot.setAttribute("aria-valuemax", String(REACH));
    dot.addEventListener("pointerdown", (down) => {
      dot.setPointerCapture(down.pointerId);
      const scale = HEIGHT / (dot.ownerSVGElement?.getBoundingClientRect().height ?? HEIGHT);
      const start = this.#y[i] ?? 0;
      let travelled = 0;
      const moved = (event: PointerEvent): void => {
        travelled = Math.max(travelled, Math.abs(event.clientY - down.clientY));
        if (travelled < CLICK) return;
        const pixels = HEIGHT / 2 + (event.clientY - down.clientY) * scale;
        this.#move(i, start + valueAt(pixels));
      };
      const ended = (): void => {
        dot.removeEventListener("pointermove", moved);
        if (travelled < CLICK) this.#toggle(i);
      };
      dot.addEventListener("pointermove", moved);
      dot.addEventListener("pointerup", ended, { once: true });
    });
    dot.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 0.1, ArrowDown: -0.1 }[event.key];
      if (step !== undefined) this.#move(i, (this.#y[i] ?? 0) + step);
      else if (event.key === "Delete" || event.key === "Enter") this.#toggle(i);
      else return;
      event.preventDefault();
    });
    return dot;
  }
}

function svg(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
