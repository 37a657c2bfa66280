/** Ways to open an estimator: ready ones, a file, a URL. */
import { useRef } from "preact/hooks";
import { openAddress, openFile } from "../state/actions.js";
import { ready } from "../state/ready.js";
import { card, opening } from "../state/store.js";
import { ErrorAt } from "./error.js";

export function OpenPanel() {
  const picker = useRef<HTMLInputElement>(null);
  const url = useRef<HTMLInputElement>(null);
  return (
    <section class="open" aria-label="Open an estimator">
      <div class="choices">
        {ready.map(({ name, title, about }) => (
          <button
            key={name}
            type="button"
            class="ready"
            title={about}
            aria-pressed={card.value?.title === title}
            onClick={() => void openAddress(name)}
          >
            {title}
          </button>
        ))}
        <button type="button" onClick={() => picker.current?.click()}>
          Open a file …
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          data-picker="any"
          aria-label="estimator or data file"
          accept=".amortis,.npy,.npz,.csv,.json,.txt,.tsv"
          onChange={({ currentTarget }) => {
            for (const file of currentTarget.files ?? []) void openFile(file);
            currentTarget.value = "";
          }}
        />
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const where = url.current?.value.trim() ?? "";
            if (where !== "") void openAddress(where);
          }}
        >
          <input
            ref={url}
            type="text"
            inputMode="url"
            placeholder="or a URL"
            aria-label="URL of an estimator"
          />
          <button type="submit">Open</button>
        </form>
        {opening.value !== undefined && <span role="status">opening {opening.value} …</span>}
      </div>
      <ErrorAt place="open" />
    </section>
  );
}
