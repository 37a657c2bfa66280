/** The data: shown, painted, erased, broken. */
import { useSignal } from "@preact/signals";
import { percent, short } from "../draw/format.js";
import { shownAs } from "../draw/layout.js";
import type { ArrayCard, DataRecord } from "../protocol/types.js";
import { showSet } from "../state/actions.js";
import { domains } from "../state/domains.js";
import { eraseAbove, eraseAt, hideAbove, paintArray, visible } from "../state/painting.js";
import * as store from "../state/store.js";
import { ErrorAt } from "./error.js";
import { Field } from "./field.js";
import { Numbers } from "./numbers.js";
import { Series } from "./series.js";
import { Slider } from "./slider.js";
import { ThetaSliders } from "./theta.js";

/** Replicates that are shown beside the first. */
const MOST_SHOWN = 8;

export function DataPanel() {
  const { value: opened } = store.card;
  const reply = store.reply.value;
  const data = visible.value;
  if (opened === undefined) return null;
  return (
    <section class="panel data" aria-label="Data">
      <h2>Data</h2>
      <ThetaSliders />
      <Batch />
      {data !== undefined &&
        opened.arrays
          .filter(({ name }) => name !== opened.threshold?.input)
          .map((array) => <OneArray key={array.name} array={array} data={data} />)}
      {reply !== undefined && reply.replicates.length > 1 && (
        <Replicates array={opened.arrays[0]} sets={reply.replicates.slice(1, MOST_SHOWN + 1)} />
      )}
      {opened.simulates && opened.threshold === undefined && reply !== undefined && (
        <Contamination />
      )}
      <ErrorAt place="data" />
    </section>
  );
}

function Batch() {
  const { length } = store.batchOfData.value;
  if (length < 2) return null;
  return (
    <Slider
      inline
      name="data set"
      mark="set"
      about="which data set"
      min={0}
      max={length - 1}
      value={store.shown.value}
      onMove={(set) => {
        showSet(set);
      }}
    >
      {store.shown.value + 1} of {length}
    </Slider>
  );
}

function OneArray({ array, data }: { readonly array: ArrayCard; readonly data: DataRecord }) {
  const { name, spec } = array;
  const threshold = useSignal<number | undefined>(undefined);
  const values = data[name] ?? new Float64Array(0);
  const domain = domains.value[name] ?? [0, 1];
  const shown = shownAs(array);
  const rule = store.card.value?.threshold;
  // What is hidden above a threshold is not missing at random: nothing else may be.
  const hides = rule?.of === name;
  const missing = spec.missing && !hides;
  const single = shown.kind === "numbers" || shown.channels === 1;
  if (!single || shown.kind === "numbers") {
    return (
      <Numbers
        name={name}
        values={values}
        onChange={(index, value) => {
          paintArray(name, (whole) => whole.with(index, value));
        }}
      />
    );
  }
  return (
    <figure class="array">
      <Tools missing={missing} field={shown.kind === "field"} />
      {shown.kind === "field" ? (
        <Field
          label={`data ${name}`}
          values={values}
          rows={shown.rows}
          columns={shown.columns}
          domain={domain}
          tool={store.tool.value}
          onPaint={(change) => {
            paintArray(name, change);
          }}
          onErase={(cells, erase) => {
            eraseAt(name, cells, erase);
          }}
        />
      ) : (
        <Series
          label={`data ${name}`}
          values={values}
          domain={domain}
          tool={store.tool.value}
          onMove={(index, value) => {
            eraseAt(name, [index], false);
            paintArray(name, (whole) => whole.with(index, value));
          }}
          {...(missing && {
            onErase: (index: number, erase: boolean) => {
              eraseAt(name, [index], erase);
            },
            threshold: { at: threshold.value ?? domain[1], words: "erase above" },
            onThreshold: (value: number) => {
              threshold.value = value;
              eraseAbove(name, value);
            },
          })}
          {...(hides && {
            threshold: { at: ceilingOf(data, rule.input, domain), words: "hide above", hides },
            onThreshold: (value: number) => {
              hideAbove(value, domain[1]);
            },
          })}
        />
      )}
      <figcaption>
        {name}: {array.words}
        {shown.kind === "field" &&
          ` · colours from ${short(domain[0])} (dark) to ${short(domain[1])} (light)`}
      </figcaption>
      {hides && <Hidden values={values} at={data[rule.input]?.[0] ?? rule.to} />}
      {threshold.value !== undefined && values.some(Number.isNaN) && (
        <p class="note" role="note">
          These values are gone because they are large, but the estimator takes what is missing for
          missing at random, so its posterior is biased towards smaller values: a model whose
          simulator censors is what answers here.
        </p>
      )}
    </figure>
  );
}

/** Where a ceiling is drawn: at the top of the picture, where it is higher. */
function ceilingOf(data: DataRecord, input: string, [, top]: readonly [number, number]): number {
  return Math.min(top, data[input]?.[0] ?? top);
}

/** What a ceiling hides, in words. */
function Hidden({ values, at }: { readonly values: Float64Array; readonly at: number }) {
  const hidden = values.filter(Number.isNaN).length;
  return (
    <p class="note" role="note" data-hidden={hidden}>
      {hidden} of {values.length} are above {short(at)}: the estimator is told that they are, and
      not how far.
    </p>
  );
}

function Tools({ missing, field }: { readonly missing: boolean; readonly field: boolean }) {
  const choices: readonly (readonly [store.Tool, string])[] = [
    ...(field
      ? ([
          ["raise", "Raise"],
          ["lower", "Lower"],
        ] as const)
      : ([["raise", "Drag"]] as const)),
    ...(missing
      ? ([
          ["erase", "Erase"],
          ["restore", "Restore"],
        ] as const)
      : []),
  ];
  if (choices.length < 2) return null;
  return (
    <div class="tools" role="group" aria-label="What the pointer does to the data">
      {choices.map(([name, words]) => (
        <button
          key={name}
          type="button"
          data-tool={name}
          aria-pressed={store.tool.value === name}
          onClick={() => {
            store.tool.value = name;
          }}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

function Replicates({
  array,
  sets,
}: {
  readonly array: ArrayCard | undefined;
  readonly sets: readonly DataRecord[];
}) {
  if (array === undefined) return null;
  return <SmallMultiples array={array} sets={sets} />;
}

/** Several data sets, small. */
export function SmallMultiples({
  array,
  sets,
}: {
  readonly array: ArrayCard;
  readonly sets: readonly DataRecord[];
}) {
  const shown = shownAs(array);
  const domain = domains.value[array.name] ?? [0, 1];
  return (
    <div class="small">
      {sets.map((one, i) => {
        const values = one[array.name] ?? new Float64Array(0);
        const label = `${array.name} of data set ${i + 2}`;
        if (shown.kind === "field" && shown.channels === 1) {
          const { rows, columns } = shown;
          return <Field key={i} {...{ label, values, rows, columns, domain }} />;
        }
        return <Series key={i} label={label} values={values} domain={domain} height={90} small />;
      })}
    </div>
  );
}

function Contamination() {
  const { share, slab } = store.contamination.value;
  return (
    <fieldset class="break">
      <legend>Break it</legend>
      <Slider
        name="share of bad values"
        mark="share"
        about="share of contaminated values"
        min={0}
        max={0.5}
        step={0.01}
        value={share}
        onMove={(moved) => {
          store.contamination.value = { share: moved, slab };
        }}
      >
        {percent(share)}
      </Slider>
      <Slider
        name="how bad"
        mark="slab"
        about="size of the errors, in standard deviations"
        min={0.25}
        max={8}
        step={0.25}
        value={slab}
        onMove={(moved) => {
          store.contamination.value = { share, slab: moved };
        }}
      >
        {short(slab)} sd
      </Slider>
    </fieldset>
  );
}
