/**
 * The whole state as the fragment of the address, which is never sent anywhere; and back.
 *
 *     #e=gaussian-field&theta=0.2&seed=3&tab=corner
 */
import { batch, effect } from "@preact/signals";
import type { DistributionJson } from "amortis/extend";
import type { DataRecord } from "../protocol/types.js";
import { openAddress } from "./actions.js";
import * as store from "./store.js";
import { TABS } from "./tabs.js";

/** Numbers of data that an address takes. */
const MOST_NUMBERS = 4_096;

const encode = (values: Float64Array): string => {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
};

const decode = (text: string): Float64Array => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  return Float64Array.from(new Float32Array(bytes.buffer, 0, bytes.length >> 2));
};

/** The state as text; without what is as usual. */
export function toFragment(): string {
  const parameters = new URLSearchParams();
  const put = (name: string, value: string | number, usual?: string | number): void => {
    if (value !== usual) parameters.set(name, String(value));
  };
  if (store.address.value !== undefined) put("e", store.address.value);
  const { value: source } = store.source;
  if (source.kind === "simulated") {
    put("theta", source.theta.join(","));
    put("seed", source.seed);
  } else {
    const size = Object.values(source.data).reduce((total, { length }) => total + length, 0);
    for (const [name, values] of Object.entries(source.data)) {
      if (size <= MOST_NUMBERS) put(`data.${name}`, encode(values));
    }
  }
  put("share", store.contamination.value.share, 0);
  put("slab", store.contamination.value.slab, 2);
  for (const [name, places] of Object.entries(store.erased.value)) {
    if (places.length > 0) put(`erased.${name}`, places.join(","));
  }
  if (store.threshold.value !== undefined) put("threshold", store.threshold.value);
  put("m", store.replicates.value, 1);
  for (const [name, prior] of Object.entries(store.priors.value)) {
    put(`prior.${name}`, JSON.stringify(prior));
  }
  put("draws", store.samples.value, 1_000);
  put("random", store.seed.value, 0);
  put("level", store.level.value, 0.9);
  put("tab", store.tab.value, "corner");
  put("theme", store.theme.value, "auto");
  return parameters.toString();
}

/** Opens what an address says. */
export async function fromFragment(text: string): Promise<void> {
  const parameters = new URLSearchParams(text);
  const theme = parameters.get("theme");
  if (theme === "light" || theme === "dark") store.theme.value = theme;
  const where = parameters.get("e");
  if (where === null) return;
  await openAddress(where);
  const { value: card } = store.card;
  if (card === undefined) return;
  batch(() => {
    const theta = parameters.get("theta")?.split(",").map(Number) ?? [];
    if (theta.length === card.flat.length && theta.every(Number.isFinite) && card.simulates) {
      const seed = numberIn(parameters, "seed", 1);
      store.source.value = { kind: "simulated", theta, seed };
    }
    const data = dataIn(
      parameters,
      card.arrays.map(({ name }) => name),
    );
    if (data !== undefined) store.source.value = { kind: "given", data };
    store.contamination.value = {
      share: numberIn(parameters, "share", 0),
      slab: numberIn(parameters, "slab", 2),
    };
    store.erased.value = Object.fromEntries(
      named(parameters, "erased.").map(([name, value]) => [name, value.split(",").map(Number)]),
    );
    if (card.threshold !== undefined && parameters.has("threshold")) {
      store.threshold.value = numberIn(parameters, "threshold", card.threshold.to);
    }
    store.replicates.value = numberIn(parameters, "m", 1);
    store.priors.value = Object.fromEntries(
      named(parameters, "prior.").map(([name, value]) => [name, priorOf(value)]),
    );
    store.samples.value = numberIn(parameters, "draws", 1_000);
    store.seed.value = numberIn(parameters, "random", 0);
    store.level.value = numberIn(parameters, "level", 0.9);
    const tab = TABS.find((one) => one === parameters.get("tab"));
    if (tab !== undefined) store.tab.value = tab;
  });
}

function numberIn(parameters: URLSearchParams, name: string, usual: number): number {
  const text = parameters.get(name);
  const value = Number(text);
  return text === null || !Number.isFinite(value) ? usual : value;
}

function named(parameters: URLSearchParams, prefix: string): readonly [string, string][] {
  return [...parameters].flatMap(([name, value]): [string, string][] =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
  );
}

function dataIn(parameters: URLSearchParams, names: readonly string[]): DataRecord | undefined {
  const entries = names.flatMap((name): [string, Float64Array][] => {
    const text = parameters.get(`data.${name}`);
    return text === null ? [] : [[name, decode(text)]];
  });
  return entries.length === names.length ? Object.fromEntries(entries) : undefined;
}

function priorOf(text: string): DistributionJson {
  const value: DistributionJson = JSON.parse(text);
  return value;
}

/** Keeps the address up to date, not more than a few times a second: browsers count the changes. */
export function keepAddress(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const fragment = toFragment();
    const { dataset } = document.documentElement;
    dataset["address"] = "behind";
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, "", `#${fragment}`);
      dataset["address"] = "kept";
    }, 250);
  });
}
