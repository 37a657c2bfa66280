/** A slider with its name before it and what it says after it. */
import type { ComponentChildren } from "preact";

interface SliderProps {
  readonly name: ComponentChildren;
  /** What it is, for those who do not see where it is. */
  readonly about: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  readonly onMove: (value: number) => void;
  /** What its value is in words. */
  readonly children: ComponentChildren;
  /** Whether it stands in a line with others. */
  readonly inline?: boolean;
  /** By what tests and addresses find it. */
  readonly mark?: string;
  /** The parameter that it moves, where it moves one. */
  readonly theta?: string;
}

export function Slider(props: SliderProps) {
  const { name, about, min, max, step = 1, value, onMove, children, inline = false } = props;
  return (
    <label class={inline ? "inline" : undefined}>
      <span class={inline ? "nowrap" : "name"}>{name}</span>
      <input
        type="range"
        data-slider={props.mark}
        data-theta={props.theta}
        aria-label={about}
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={({ currentTarget }) => {
          onMove(Number(currentTarget.value));
        }}
      />
      <output>{children}</output>
    </label>
  );
}
