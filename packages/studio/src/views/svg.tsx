/** Panels of the library's figures in the page: text and axes take the colours of its theme. */
import type { Panel } from "amortis/figures";
import { useLayoutEffect, useRef } from "preact/hooks";

interface PanelProps {
  readonly panel: Panel;
  readonly label: string;
  /** What can be clicked: elements of the drawing in the order of what they stand for. */
  readonly parts?: (svg: SVGSVGElement) => readonly (readonly [element: Element, words: string])[];
  readonly onPick?: (index: number) => void;
}

export function PanelSvg({ panel, label, parts, onPick }: PanelProps) {
  const ref = useRef<SVGSVGElement>(null);
  const { width, height, content } = panel;
  useLayoutEffect(() => {
    const { current } = ref;
    if (current === null) return undefined;
    current.innerHTML = content;
    // Groups without a role must not have a name for readers.
    for (const marked of current.querySelectorAll("[aria-label]")) {
      marked.setAttribute("data-mark", marked.getAttribute("aria-label") ?? "");
      marked.removeAttribute("aria-label");
    }
    const found = parts?.(current) ?? [];
    for (const [i, [element, words]] of found.entries()) {
      element.setAttribute("role", "button");
      element.setAttribute("aria-label", words);
      element.setAttribute("tabindex", i === 0 ? "0" : "-1");
      element.classList.add("pick");
    }
    const elements = found.map(([element]) => element);
    const at = (event: Event): number =>
      event.target instanceof Element ? elements.indexOf(event.target) : -1;
    const onClick = (event: Event): void => {
      if (at(event) >= 0) onPick?.(at(event));
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      const place = at(event);
      if (place < 0) return;
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step === undefined ? undefined : elements[place + step];
      if (next instanceof SVGElement) {
        elements[place]?.setAttribute("tabindex", "-1");
        next.setAttribute("tabindex", "0");
        next.focus();
      } else if (event.key === "Enter" || event.key === " ") onPick?.(place);
      else return;
      event.preventDefault();
    };
    current.addEventListener("click", onClick);
    current.addEventListener("keydown", onKeyDown);
    return () => {
      current.removeEventListener("click", onClick);
      current.removeEventListener("keydown", onKeyDown);
    };
  }, [content, onPick]);
  return (
    <svg
      ref={ref}
      class="panel-svg"
      viewBox={`0 0 ${width} ${height}`}
      style={{ maxWidth: `${width}px` }}
      role={parts === undefined ? "img" : "group"}
      aria-label={label}
    />
  );
}
