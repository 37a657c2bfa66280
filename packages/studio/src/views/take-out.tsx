/** What is on screen, to take away: a program, draws, data, a figure, a link. */
import { useSignal } from "@preact/signals";
import { download } from "../draw/download.js";
import { pngOf } from "../draw/png.js";
import {
  LANGUAGES,
  scriptOf,
  withoutScript,
  type Language,
  type OnScreen,
} from "../draw/script.js";
import * as store from "../state/store.js";
import { toFragment } from "../state/url.js";
import { ErrorAt } from "./error.js";

const ENDINGS: Readonly<Record<Language, string>> = { TypeScript: "ts", Python: "py", R: "R" };

export function TakeOut() {
  const language = useSignal<Language>("TypeScript");
  const done = useSignal("");
  const screen = onScreen();
  if (screen === undefined) return null;
  const missing = withoutScript(language.value, screen);
  const script = missing === undefined ? scriptOf(language.value, screen) : "";
  const copy = (what: string, text: string): void => {
    void store.guarded("take", async () => {
      await navigator.clipboard.writeText(text);
      done.value = `${what} copied`;
    });
  };
  return (
    <div class="take-out">
      <div>
        <div class="row" role="group" aria-label="language of the program">
          {LANGUAGES.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={language.value === name}
              onClick={() => {
                language.value = name;
              }}
            >
              {name}
            </button>
          ))}
        </div>
        {missing === undefined ? (
          <textarea
            readOnly
            data-script={language.value}
            aria-label={`program in ${language.value}`}
            rows={14}
            spellcheck={false}
            value={script}
          />
        ) : (
          <p class="error" role="alert">
            {missing}
          </p>
        )}
        <div class="row">
          <button
            type="button"
            disabled={script === ""}
            onClick={() => {
              copy("the program", script);
            }}
          >
            Copy
          </button>
          <button
            type="button"
            disabled={script === ""}
            onClick={() => {
              download(`answer.${ENDINGS[language.value]}`, [script], "text/plain");
            }}
          >
            Download
          </button>
          <button
            type="button"
            onClick={() => {
              copy("the link", `${location.href.split("#")[0]}#${toFragment()}`);
            }}
          >
            Copy the link
          </button>
        </div>
        {store.address.value === undefined && (
          <p class="note">
            A link cannot hold an estimator from a file: whoever follows it opens the file
            themselves.
          </p>
        )}
      </div>
      <Files copy={copy} />
      <p role="status" class="note">
        {done.value}
      </p>
      <ErrorAt place="take" />
    </div>
  );
}

function onScreen(): OnScreen | undefined {
  const [card, reply] = [store.card.value, store.reply.value];
  if (card === undefined || reply === undefined) return undefined;
  const name = store.address.value ?? card.title;
  const last = name.split("/").at(-1) ?? name;
  return {
    file: last.endsWith(".amortis") ? last : `${last}.amortis`,
    data: reply.replicates,
    priors: reply.answer === undefined ? {} : store.priors.value,
    samples: store.samples.value,
    seed: store.seed.value,
    level: store.level.value,
  };
}

function Files({ copy }: { readonly copy: (what: string, text: string) => void }) {
  const [answer, reply] = [store.answer.value, store.reply.value];
  if (answer === undefined || reply === undefined) return null;
  const { names, draws } = answer;
  const during = (work: () => Promise<void>): void => {
    void store.guarded("take", work);
  };
  const figure = async (): Promise<string> => {
    const { pairsFigure } = await import("amortis/figures");
    const { value: truth } = store.truth;
    const shown = { names, shape: [draws.length / names.length, names.length], data: draws };
    return pairsFigure(shown, {
      title: `posterior of ${store.card.value?.model ?? "a model"}`,
      ...(truth !== undefined && { truth }),
    });
  };
  return (
    <div>
      <h3>Draws</h3>
      <div class="row">
        <button
          type="button"
          onClick={() => {
            copy("the draws", csvOf(names, draws));
          }}
        >
          Copy
        </button>
        <button
          type="button"
          data-action="csv"
          onClick={() => {
            download("draws.csv", [csvOf(names, draws)], "text/csv");
          }}
        >
          CSV
        </button>
        <button
          type="button"
          data-action="npy"
          onClick={() => {
            during(async () => {
              const { encodeNpy } = await import("amortis/files");
              const shape = [draws.length / names.length, names.length];
              download("draws.npy", [encodeNpy({ shape, data: draws }).slice()]);
            });
          }}
        >
          .npy
        </button>
      </div>
      <h3>Data</h3>
      <div class="row">
        <button
          type="button"
          onClick={() => {
            const arrays = Object.entries(reply.data).map(([name, values]) => [name, [...values]]);
            const text = JSON.stringify(Object.fromEntries(arrays));
            download("data.json", [text], "application/json");
          }}
        >
          JSON
        </button>
      </div>
      <h3>Figure</h3>
      <div class="row">
        <button
          type="button"
          data-action="svg"
          onClick={() => {
            during(async () => {
              download("posterior.svg", [await figure()], "image/svg+xml");
            });
          }}
        >
          SVG
        </button>
        <button
          type="button"
          data-action="png"
          onClick={() => {
            during(async () => {
              download("posterior.png", [await pngOf(await figure())], "image/png");
            });
          }}
        >
          PNG
        </button>
      </div>
    </div>
  );
}

function csvOf(names: readonly string[], draws: Float64Array): string {
  const p = names.length;
  const rows = Array.from({ length: draws.length / p }, (_, i) =>
    draws.subarray(i * p, (i + 1) * p).join(","),
  );
  return `${[names.join(","), ...rows].join("\n")}\n`;
}
