/** Other answers to the same data, laid over the posterior. */
import { useSignal } from "@preact/signals";
import { short } from "../draw/format.js";
import { layReference, laySecond } from "../state/overlays.js";
import { answer, card, overlays, replicates } from "../state/store.js";
import { ErrorAt } from "./error.js";
import { FilePicker } from "./file-picker.js";

export function Compare() {
  const busy = useSignal<string | undefined>(undefined);
  const [opened, shown] = [card.value, answer.value];
  if (opened === undefined || shown === undefined) return null;
  const during = async (what: string, work: () => Promise<void>): Promise<void> => {
    busy.value = what;
    await work();
    busy.value = undefined;
  };
  const waits = busy.value !== undefined || replicates.value > 1;
  return (
    <div class="compare">
      <div class="row">
        {opened.likelihood && (
          <>
            <button
              type="button"
              data-action="exact"
              disabled={waits}
              onClick={() => void during("exact", () => layReference("exact"))}
            >
              By its likelihood
            </button>
            <button
              type="button"
              data-action="mcmc"
              disabled={waits}
              onClick={() => void during("mcmc", () => layReference("mcmc"))}
            >
              By Markov chains
            </button>
          </>
        )}
        <FilePicker
          mark="second"
          about="second estimator"
          accept=".amortis"
          disabled={waits}
          onFile={(file) => void during("second", () => laySecond(file))}
        >
          A second estimator …
        </FilePicker>
        {busy.value !== undefined && <span role="status">computing …</span>}
      </div>
      {replicates.value > 1 && (
        <p class="note">Of one data set: set the number of data sets to 1.</p>
      )}
      {!opened.likelihood && (
        <p class="note">The model has no likelihood: a second estimator can be laid over.</p>
      )}
      <ErrorAt place="compare" />
      {overlays.value.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="answers compared">
          <table>
            <thead>
              <tr>
                <th scope="col">answer</th>
                {shown.names.map((name) => (
                  <th key={name} scope="col" colSpan={2}>
                    {name}: mean, sd
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {[{ title: "the networks", answer: shown }, ...overlays.value].map((one) => (
                <tr key={one.title} data-overlay={one.title}>
                  <th scope="row">{one.title}</th>
                  {shown.names.flatMap((name, k) => [
                    <td key={name} data-value={String(one.answer.mean[k])}>
                      {short(one.answer.mean[k] ?? NaN)}
                    </td>,
                    <td key={`${name} sd`}>{short(one.answer.sd[k] ?? NaN)}</td>,
                  ])}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
