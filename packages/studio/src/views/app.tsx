/** The studio as a whole. */
import type { VNode } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { openFile } from "../state/actions.js";
import { card, tab } from "../state/store.js";
import { shownTheme } from "../state/theme.js";
import { TABS, type Tab } from "../state/tabs.js";
import { About } from "./about.js";
import { Calibration } from "./calibration.js";
import { Compare } from "./compare.js";
import { Corner } from "./corner.js";
import { DataPanel } from "./data-panel.js";
import { Header } from "./header.js";
import { Many } from "./many.js";
import { OpenPanel } from "./open-panel.js";
import { PosteriorPanel } from "./posterior-panel.js";
import { Predict } from "./predict.js";
import { PriorTab } from "./prior.js";
import { Table } from "./table.js";
import { TakeOut } from "./take-out.js";

/** The editor and the checker of types are much, and loaded when they are asked for. */
const Lazy = lazy(async () => ({
  default: (await import("../playground/playground.js")).Playground,
}));

function Playing() {
  return (
    <Suspense fallback={<p role="status">loading the editor …</p>}>
      <Lazy />
    </Suspense>
  );
}

const VIEWS: Readonly<Record<Tab, readonly [title: string, view: () => VNode | null]>> = {
  corner: ["Corner", Corner],
  table: ["Table", Table],
  prior: ["Prior", PriorTab],
  predict: ["Predict", Predict],
  many: ["Many data sets", Many],
  calibration: ["Calibration", Calibration],
  compare: ["Compare", Compare],
  playground: ["Playground", Playing],
  take: ["Take it out", TakeOut],
  about: ["Card", About],
};

export function App() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    document.documentElement.dataset["theme"] = shownTheme.value;
  }, [shownTheme.value]);
  return (
    <div
      class={over ? "app over-drop" : "app"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void openAll([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <Header />
      <main>
        <OpenPanel />
        {card.value === undefined ? (
          <Welcome />
        ) : (
          <>
            <div class="columns">
              <DataPanel />
              <PosteriorPanel />
            </div>
            <Tabs />
          </>
        )}
      </main>
    </div>
  );
}

/** Estimators before their data. */
async function openAll(files: readonly File[]): Promise<void> {
  const first = (file: File): number => (file.name.endsWith(".amortis") ? 0 : 1);
  for (const file of files.toSorted((a, b) => first(a) - first(b))) await openFile(file);
}

function Welcome() {
  return (
    <section class="welcome">
      <h2>Answers while you drag the data</h2>
      <p>
        Open a ready estimator above, or drop an <code>.amortis</code> file anywhere on this page,
        then its data. Everything runs in this tab: nothing that you open leaves the machine.
      </p>
    </section>
  );
}

function Tabs() {
  const [, View] = VIEWS[tab.value];
  return (
    <section class="panel views" aria-label="Views">
      <div class="tabs" role="tablist" aria-label="Views of the posterior">
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            data-tab={name}
            aria-selected={tab.value === name}
            aria-controls="view"
            tabIndex={tab.value === name ? 0 : -1}
            onClick={() => {
              tab.value = name;
            }}
            onKeyDown={(event) => {
              const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
              if (step === undefined) return;
              const next = TABS.at((TABS.indexOf(name) + step) % TABS.length);
              if (next === undefined) return;
              tab.value = next;
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {VIEWS[name][0]}
          </button>
        ))}
      </div>
      <div id="view" role="tabpanel" aria-labelledby={`tab-${tab.value}`} tabIndex={0}>
        <View />
      </div>
    </section>
  );
}
