/** A slider for each parameter: data follow it, and the posterior follows them. */
import { short } from "../draw/format.js";
import { moveTheta, redraw } from "../state/actions.js";
import { card, replicates, source } from "../state/store.js";
import { Slider } from "./slider.js";

/** Steps of a slider. */
const STEPS = 400;

export function ThetaSliders() {
  const { value: opened } = card;
  if (opened === undefined) return null;
  if (!opened.simulates) {
    return (
      <p class="note">
        This file holds no simulator, as none does: drop data (.npy, .npz, .csv, .json), or open its
        model in the playground.
      </p>
    );
  }
  const theta = source.value.kind === "simulated" ? source.value.theta : undefined;
  return (
    <div class="sliders">
      {opened.flat.map(({ name, from, to, whole }, k) => {
        const value = theta?.[k];
        return (
          <Slider
            key={name}
            name={name}
            theta={name}
            about={`true ${name}`}
            min={from}
            max={to}
            step={whole ? 1 : (to - from) / STEPS}
            value={value ?? (from + to) / 2}
            onMove={(moved) => {
              moveTheta(k, moved);
            }}
          >
            {value === undefined ? "unknown" : short(value)}
          </Slider>
        );
      })}
      <div class="row">
        <button type="button" onClick={redraw}>
          New data
        </button>
        {theta !== undefined && (
          <Slider
            inline
            name="data sets"
            mark="replicates"
            about="number of replicates"
            min={1}
            max={30}
            value={replicates.value}
            onMove={(count) => {
              replicates.value = count;
            }}
          >
            {replicates.value}
          </Slider>
        )}
      </div>
    </div>
  );
}
