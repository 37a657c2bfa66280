/** Ways to open an estimator: ready ones, a file, a URL. */
import { useRef } from "preact/hooks";
import { openAddress, openFile } from "../state/actions.js";
import { ready } from "../state/ready.js";
import { card, opening } from "../state/store.js";
import { ErrorAt } from "./error.js";
import { FilePicker } from "./file-picker.js";

export function OpenPanel() {
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
        <FilePicker
          mark="any"
          about="estimator or data file"
          accept=".amortis,.npy,.npz,.csv,.json,.txt,.tsv"
          onFile={(file) => void openFile(file)}
        >
          Open a file …
        </FilePicker>
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
