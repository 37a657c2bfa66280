/**
 * The studio's element `<amortis-posterior>`, loaded once as the file that it is: its worker is the same file.
 */
const LIVE = `${import.meta.env.BASE_URL}live/`;

/** Loads the element's file, once. */
let loading: Promise<unknown> | undefined;

function load(): Promise<unknown> {
  if (loading !== undefined) return loading;
  const script = document.createElement("script");
  script.type = "module";
  script.src = `${LIVE}amortis-posterior.js`;
  document.head.append(script);
  loading = customElements.whenDefined("amortis-posterior");
  return loading;
}

/** An element that answers by one of the ready estimators, and how it is given data. */
export function posteriorBy(estimator: string): {
  readonly element: HTMLElement;
  readonly show: (data: unknown) => void;
} {
  const element = document.createElement("amortis-posterior");
  element.setAttribute("src", `${LIVE}${estimator}.amortis`);
  element.setAttribute("samples", "2000");
  let isReady = false;
  let newest: unknown;
  const show = (data: unknown): void => {
    newest = data;
    // A property that is set before the element is one would hide the element's own.
    if (isReady) Object.assign(element, { data });
  };
  void load().then(() => {
    isReady = true;
    customElements.upgrade(element);
    show(newest);
  });
  return { element, show };
}

/** A slider with its name and value. */
export function slider(
  name: string,
  { from, to, value }: { readonly from: number; readonly to: number; readonly value: number },
  moved: (value: number) => void,
): HTMLElement {
  const label = document.createElement("label");
  const [input, shown] = [document.createElement("input"), document.createElement("output")];
  Object.assign(input, { type: "range", min: from, max: to, step: (to - from) / 100, value });
  shown.textContent = value.toFixed(2);
  input.addEventListener("input", () => {
    shown.textContent = input.valueAsNumber.toFixed(2);
    moved(input.valueAsNumber);
  });
  label.append(`${name} `, input, shown);
  return label;
}

/** Normal noise that stays the same, so that data move with their parameters and not by chance (Box & Muller 1958, from a fixed sequence). */
export function fixedNoise(length: number, seed: number): Float64Array {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float64Array.from(
    { length },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
