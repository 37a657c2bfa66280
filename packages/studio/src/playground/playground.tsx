/** The playground: a model is written, trained, watched, and used at once. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { download } from "../draw/download.js";
import { ErrorAt } from "../views/error.js";
import { Editor } from "./editor.js";
import * as state from "./state.js";
import { Watch } from "./watch.js";

export function Playground() {
  const loaded = useSignal(false);
  useEffect(() => {
    void state.check().then(() => {
      loaded.value = true;
    });
  }, []);
  const found = state.checked.value?.faults ?? [];
  return (
    <div class="playground">
      <div>
        <Editor />
        <ul class="faults" aria-live="polite" data-faults={loaded.value ? found.length : ""}>
          {!loaded.value && <li class="note">loading TypeScript …</li>}
          {loaded.value && found.length === 0 && <li class="note">✓ no faults</li>}
          {found.slice(0, 6).map(({ line, message, from }) => (
            <li key={from} class="fault">
              line {line}: {message}
            </li>
          ))}
        </ul>
      </div>
      <div>
        <Controls />
        <ErrorAt place="playground" />
        {state.history.value.length > 0 && <Watch />}
      </div>
    </div>
  );
}

function Controls() {
  const { training, simulations, epochs, file, progress } = state;
  return (
    <>
      <div class="row">
        <label class="inline">
          <span>simulations</span>
          <input
            type="number"
            aria-label="simulations to train on"
            min={200}
            step={100}
            value={simulations.value}
            onChange={({ currentTarget }) => {
              simulations.value = Math.max(200, Math.round(Number(currentTarget.value)));
            }}
          />
        </label>
        <label class="inline">
          <span>epochs</span>
          <input
            type="number"
            aria-label="epochs"
            min={1}
            value={epochs.value}
            onChange={({ currentTarget }) => {
              epochs.value = Math.max(1, Math.round(Number(currentTarget.value)));
            }}
          />
        </label>
      </div>
      <div class="row">
        {training.value ? (
          <button type="button" data-action="stop" onClick={state.stop}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            class="main"
            data-action="train"
            disabled={!state.faultless.value}
            onClick={() => void state.trainNow()}
          >
            Train
          </button>
        )}
        <span role="status">{progress.value}</span>
        {file.value !== undefined && (
          <button
            type="button"
            data-action="download"
            onClick={() => {
              const { value: made } = file;
              if (made !== undefined) download(made.name, [made.bytes.slice()]);
            }}
          >
            Download {file.value.name}
          </button>
        )}
      </div>
      {file.value !== undefined && (
        <p class="note">It is open above: drag its parameters, and look at the other views.</p>
      )}
    </>
  );
}
