/** Data that the model makes under the posterior, or under the part of it that is brushed, beside the data in hand. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { short } from "../draw/format.js";
import { shownAs } from "../draw/layout.js";
import { engine } from "../state/engine.js";
import * as store from "../state/store.js";
import { domains } from "../state/domains.js";
import { drawsIn } from "../state/region.js";
import { visible } from "../state/painting.js";
import { SmallMultiples } from "./data-panel.js";
import { ErrorAt } from "./error.js";
import { Series } from "./series.js";

/** Data sets that are predicted: fields, which are small pictures, and series, which are curves. */
const [FIELDS, CURVES] = [11, 60];

export function Predict() {
  const [card, answer] = [store.card.value, store.answer.value];
  const chosen = useSignal(0);
  const region = store.region.value;
  const array = card?.arrays[0];
  const isField = array !== undefined && shownAs(array).kind === "field";
  useEffect(() => {
    if (card === undefined || answer === undefined || !card.simulates) return;
    const { rows, inside } = drawsIn(answer, region, isField ? FIELDS : CURVES);
    chosen.value = inside;
    if (rows.length === 0) {
      store.predicted.value = [];
      return;
    }
    void store.guarded("predict", async () => {
      const asked = { estimator: card.id, theta: rows, seed: 1 };
      store.predicted.value = await engine().predict(asked);
    });
  }, [answer, region, card]);
  if (card === undefined || array === undefined || answer === undefined) return null;
  if (!card.simulates) return <p class="note">Predictions need the model's simulator.</p>;
  const total = answer.draws.length / answer.names.length;
  const brushed = Object.entries(region);
  const domain = domains.value[array.name] ?? [0, 1];
  const shown = shownAs(array);
  const [ends] = brushed.map(([, bounds]) => bounds);
  const first = store.predicted.value[0]?.[array.name] ?? new Float64Array(0);
  return (
    <div
      class="predict"
      data-region-draws={chosen.value}
      data-from={ends?.[0]}
      data-to={ends?.[1]}
      data-predicted={store.predicted.value.length}
      data-first={JSON.stringify(Array.from(first))}
    >
      <p class="note">
        {brushed.length === 0
          ? "Drag over a density to brush a region of the posterior."
          : `Of the region ${brushed
              .map(([name, [from, to]]) => `${name} from ${short(from)} to ${short(to)}`)
              .join(", ")}: ${chosen.value} of ${total} draws.`}
      </p>
      <ErrorAt place="predict" />
      {shown.kind === "series" && shown.channels === 1 ? (
        <Series
          label={`${array.name} in hand, and as the model makes it under the posterior`}
          values={visible.value?.[array.name] ?? new Float64Array(0)}
          behind={store.predicted.value.map((one) => one[array.name] ?? new Float64Array(0))}
          domain={domain}
        />
      ) : (
        <SmallMultiples array={array} sets={store.predicted.value} />
      )}
      {brushed.length > 0 && (
        <button
          type="button"
          onClick={() => {
            store.region.value = {};
          }}
        >
          Whole posterior
        </button>
      )}
    </div>
  );
}
