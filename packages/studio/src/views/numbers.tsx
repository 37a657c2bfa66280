/** Data as numbers that can be typed. */
import { short } from "../draw/format.js";

/** Numbers that are shown. */
const MOST = 60;

interface NumbersProps {
  readonly name: string;
  readonly values: Float64Array;
  readonly onChange: (index: number, value: number) => void;
}

export function Numbers({ name, values, onChange }: NumbersProps) {
  return (
    <div class="numbers">
      {Array.from(values.subarray(0, MOST), (value, i) => (
        <input
          key={i}
          type="number"
          step="any"
          aria-label={`${name}, number ${i + 1}`}
          value={Number.isNaN(value) ? "" : Number(value.toPrecision(6))}
          onChange={({ currentTarget }) => {
            const typed = currentTarget.value === "" ? Number.NaN : Number(currentTarget.value);
            onChange(i, Math.fround(typed));
          }}
        />
      ))}
      {values.length > MOST && (
        <p class="note">
          and {values.length - MOST} more, from {short(Math.min(...values))} to{" "}
          {short(Math.max(...values))}
        </p>
      )}
    </div>
  );
}
