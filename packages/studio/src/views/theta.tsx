/** A slider for each parameter: data follow it, and the posterior follows them. */
import { short } from "../draw/format.js";
import { moveTheta, redraw } from "../state/actions.js";
import { card, replicates, source } from "../state/store.js";

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
          <label key={name}>
            <span class="name">{name}</span>
            <input
              type="range"
              data-theta={name}
              aria-label={`true ${name}`}
              min={from}
              max={to}
              step={whole ? 1 : (to - from) / STEPS}
              value={value ?? (from + to) / 2}
              onInput={({ currentTarget }) => {
                moveTheta(k, Number(currentTarget.value));
              }}
            />
            <output>{value === undefined ? "unknown" : short(value)}</output>
          </label>
        );
      })}
      <div class="row">
        <button type="button" onClick={redraw}>
          New data
        </button>
        {theta !== undefined && (
          <label class="inline">
            <span class="nowrap">data sets</span>
            <input
              type="range"
              data-slider="replicates"
              aria-label="number of replicates"
              min={1}
              max={30}
              step={1}
              value={replicates.value}
              onInput={({ currentTarget }) => {
                replicates.value = Number(currentTarget.value);
              }}
            />
            <output>{replicates.value}</output>
          </label>
        )}
      </div>
    </div>
  );
}
