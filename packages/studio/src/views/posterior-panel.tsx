/** The posterior: what it says, whether it can be trusted, and its densities. */
import { count, percent, short } from "../draw/format.js";
import { lightOf, saying, trust, type Light } from "../draw/words.js";
import { DASHES, OVERLAYS } from "../draw/colours.js";
import * as store from "../state/store.js";
import { Density } from "./density.js";
import { ErrorAt } from "./error.js";

/** Signs of the light: shapes, for those who do not see its colour. */
const SIGNS: Readonly<Record<Light, readonly [sign: string, words: string]>> = {
  good: ["✓", "typical data"],
  odd: ["!", "odd data"],
  bad: ["✕", "unlike its data"],
  unknown: ["?", "not known"],
};

export function PosteriorPanel() {
  const { value: card } = store.card;
  const reply = store.reply.value;
  const answer = store.answer.value;
  if (card === undefined) return null;
  return (
    <section class="panel posterior" aria-label="Posterior" aria-busy={store.waiting.value}>
      <h2>Posterior</h2>
      {answer !== undefined && <Verdict />}
      {reply?.refusal !== undefined && (
        <p class="error" role="alert" data-error="refusal">
          {reply.refusal}
        </p>
      )}
      <ErrorAt place="answer" />
      {answer !== undefined &&
        card.flat.map(({ name }, k) => (
          <Density
            key={name}
            card={card}
            answer={answer}
            before={reply?.answer === undefined ? undefined : reply.before}
            index={k}
            truth={store.truth.value?.[k]}
            overlays={store.overlays.value}
            region={store.region.value[name]}
            onRegion={(region) => {
              const { [name]: _before, ...others } = store.region.value;
              store.region.value = region === undefined ? others : { ...others, [name]: region };
            }}
          />
        ))}
      {answer !== undefined && <Legend />}
      {answer !== undefined && <Asked />}
    </section>
  );
}

function Verdict() {
  const answer = store.answer.value;
  if (answer === undefined) return null;
  const light = lightOf(answer);
  const [sign, words] = SIGNS[light];
  return (
    <div class="verdict" aria-live="off">
      <p data-words="saying">{saying(answer, store.level.value)}</p>
      <p
        class={`trust ${light}`}
        data-light={light}
        data-typicality={String(answer.typicality ?? "")}
      >
        <span class="light" aria-label={words} role="img">
          {sign}
        </span>
        <span data-words="trust">{trust(answer, store.replicates.value)}</span>
      </p>
      {answer.k !== undefined && (
        <p class="note">
          Pareto k{" "}
          <data value={String(answer.k)} data-number="k">
            {short(answer.k)}
          </data>
        </p>
      )}
    </div>
  );
}

function Legend() {
  const answer = store.answer.value;
  return (
    <p class="legend">
      <span class="key posterior-key">
        posterior, {store.samples.value.toLocaleString("en")} draws
      </span>
      <span class="key prior-key">prior</span>
      {store.truth.value !== undefined && <span class="key truth-key">truth</span>}
      {store.overlays.value.map(({ title }, i) => (
        <span key={title} class="key">
          <svg width="26" height="8" aria-hidden="true">
            <line
              x1="0"
              x2="26"
              y1="4"
              y2="4"
              stroke={OVERLAYS[i % OVERLAYS.length]}
              stroke-dasharray={DASHES[i % DASHES.length]}
              stroke-width="2"
            />
          </svg>
          {title}
        </span>
      ))}
      <span class="time">{answer === undefined ? "" : `${short(answer.milliseconds)} ms`}</span>
    </p>
  );
}

const LEVELS = [0.5, 0.8, 0.9, 0.95, 0.99] as const;
const DRAWS = [500, 1_000, 4_000, 10_000] as const;

/** What is asked of the posterior: the level of its intervals, and how many draws. */
function Asked() {
  return (
    <div class="row asked">
      <label class="inline">
        <span>intervals of</span>
        <select
          aria-label="level of the intervals"
          value={store.level.value}
          onChange={({ currentTarget }) => {
            store.level.value = Number(currentTarget.value);
          }}
        >
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {percent(level)}
            </option>
          ))}
        </select>
      </label>
      <label class="inline">
        <span>draws</span>
        <select
          aria-label="number of draws"
          value={store.samples.value}
          onChange={({ currentTarget }) => {
            store.samples.value = Number(currentTarget.value);
          }}
        >
          {DRAWS.map((draws) => (
            <option key={draws} value={draws}>
              {count(draws)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
