/** Many data sets: a picture of each, with what is said of it; a click shows it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { short } from "../draw/format.js";
import type { Summaries } from "../protocol/types.js";
import { showSet, simulateMany } from "../state/actions.js";
import { engine } from "../state/engine.js";
import { batchOfData, card, guarded, level, shown } from "../state/store.js";
import { shownAs } from "../draw/layout.js";
import { domains } from "../state/domains.js";
import { ErrorAt } from "./error.js";
import { Field } from "./field.js";
import { Series } from "./series.js";

/** Data sets that there is room for. */
const MOST = 60;

export function Many() {
  const { value: opened } = card;
  const sets = batchOfData.value.slice(0, MOST);
  const summaries = useSignal<Summaries | undefined>(undefined);
  useEffect(() => {
    summaries.value = undefined;
    if (opened === undefined || sets.length === 0) return;
    void guarded("many", async () => {
      summaries.value = await engine().answerMany({
        estimator: opened.id,
        sets,
        level: level.value,
      });
    });
  }, [batchOfData.value, opened]);
  if (opened === undefined) return null;
  const [array] = opened.arrays;
  const p = opened.flat.length;
  return (
    <div class="many">
      <div class="row">
        <p class="note">
          {sets.length === 0
            ? "Drop a file with many data sets, or draw some from the prior."
            : `${batchOfData.value.length} data sets${batchOfData.value.length > MOST ? `, the first ${MOST} shown` : ""}.`}
        </p>
        {opened.simulates && (
          <button type="button" data-action="many" onClick={() => void simulateMany(24)}>
            Draw 24 from the prior
          </button>
        )}
      </div>
      <ErrorAt place="many" />
      <ul class="small">
        {sets.map((set, i) => {
          const values = array === undefined ? undefined : set[array.name];
          if (array === undefined || values === undefined) return null;
          const means = opened.flat.map(
            ({ name }, k) => `${name} ${short(summaries.value?.mean[i * p + k] ?? NaN)}`,
          );
          return (
            <li key={i}>
              <button
                type="button"
                class="set"
                data-set={i}
                aria-pressed={i === shown.value}
                aria-label={`data set ${i + 1}: ${means.join(", ")}`}
                onClick={() => {
                  showSet(i);
                }}
              >
                <Picture array={array} values={values} />
                <span data-value={String(summaries.value?.mean[i * p] ?? "")}>{means[0]}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Picture({
  array,
  values,
}: {
  readonly array: Parameters<typeof shownAs>[0];
  readonly values: Float64Array;
}) {
  const shape = shownAs(array);
  const domain = domains.value[array.name] ?? [0, 1];
  const label = array.name;
  if (shape.kind === "field" && shape.channels === 1) {
    const { rows, columns } = shape;
    return <Field {...{ label, values, rows, columns, domain }} />;
  }
  return <Series label={label} values={values} domain={domain} height={70} small />;
}
