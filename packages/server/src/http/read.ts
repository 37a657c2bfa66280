/**
 * Requests of the own API, as questions.
 */
import { AmortisError, parseNpy, type ArrayData } from "amortis/answers";
import type { z } from "zod";
import { readNested, requireFits } from "../numbers.js";
import type { Limits } from "../options.js";
import { Problem, type ProblemName } from "../problems.js";
import type { Question, QuestionOptions } from "../questions.js";
import type { Served } from "../served.js";
import { bodyOf, optionsOf, queryOf, SAMPLES, type Options } from "./schemas.js";

/** Data and options of a request. */
export interface Asked extends Omit<Question, "form"> {
  readonly options: QuestionOptions;
  /** Whether a JSON answer is to have the draws. */
  readonly withDraws: boolean;
}

/** Reads requests to one estimator. */
export class Reader {
  readonly #served: Served;
  readonly #limits: Limits;
  readonly #options: ReturnType<typeof optionsOf>;
  readonly #query: ReturnType<typeof queryOf>;
  readonly #body: ReturnType<typeof bodyOf>;

  constructor(served: Served, limits: Limits) {
    this.#served = served;
    this.#limits = limits;
    this.#options = optionsOf(served, limits);
    this.#query = queryOf(served, limits);
    this.#body = bodyOf(served, limits);
  }

  /**
   * A request whose body is JSON.
   *
   * @param query its options there count before the body's.
   * @throws Problem
   */
  json(body: unknown, query: unknown): Asked {
    const { data, ...options } = readBy(this.#body, body, "the body");
    if (data === undefined) throw new Problem("bad-request", 'the body lacks "data"');
    return this.#asked(this.#arrays(data), { ...options, ...this.#queried(query) });
  }

  /**
   * A request whose body is a .npy file.
   *
   * @throws Problem
   */
  npy(bytes: Uint8Array, query: unknown): Asked {
    const [only, ...others] = Object.keys(this.#served.specs);
    if (only === undefined || others.length > 0) {
      throw new Problem(
        "bad-request",
        `a .npy file holds one array, but this estimator takes ${Object.keys(this.#served.specs).join(", ")}: send JSON`,
      );
    }
    return this.#asked({ [only]: readNpy(bytes) }, this.#queried(query));
  }

  /**
   * The same of arrays that were read otherwise.
   *
   * @throws Problem where they do not fit the model, or more is asked for than may be.
   */
  arrays(data: Readonly<Record<string, ArrayData>>, options: unknown): Asked {
    return this.#asked(data, readBy(this.#options, options, "parameters", "bad-data"));
  }

  #queried(query: unknown): Options {
    const texts: Readonly<Record<string, unknown>> = { ...(query as object) };
    const read = Object.entries(texts).map(([name, text]) => [name, queryValue(name, text)]);
    return readBy(this.#query, Object.fromEntries(read), "the query");
  }

  #arrays(data: unknown): Record<string, ArrayData> {
    const { specs } = this.#served;
    const names = Object.keys(specs);
    const [only] = names;
    const named = typeof data === "object" && data !== null && !Array.isArray(data);
    if (!named && names.length > 1) {
      throw new Problem("bad-data", `"data" must be an object of ${names.join(", ")}`);
    }
    const byName: Readonly<Record<string, unknown>> = named ? { ...data } : { [only ?? ""]: data };
    const unknown = Object.keys(byName).find((name) => !Object.hasOwn(specs, name));
    if (unknown !== undefined) {
      throw new Problem(
        "bad-data",
        `"data" has "${unknown}", but the arrays are ${names.join(", ")}`,
      );
    }
    return Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => {
        if (!Object.hasOwn(byName, name)) throw new Problem("bad-data", `"data" lacks "${name}"`);
        return [name, readNested(name, spec, byName[name])];
      }),
    );
  }

  #asked(data: Readonly<Record<string, ArrayData>>, all: Options): Asked {
    const { specs, parameters, about } = this.#served;
    const { dataSets, numbers } = this.#limits;
    let most = 1;
    for (const [name, spec] of Object.entries(specs)) {
      const array = data[name];
      if (array === undefined) throw new Problem("bad-data", `the data lack "${name}"`);
      requireFits(name, spec, array);
      const batched = array.shape.length > spec.shape.length;
      most = Math.max(most, batched ? (array.shape[0] ?? 1) : 1);
    }
    if (most > dataSets) {
      throw new Problem(
        "bad-data",
        `${most} data sets were given, but a request may have ${dataSets}`,
      );
    }
    const { draws: withDraws = false, ...rest } = all;
    const samples = about.options.includes("samples") ? (all.samples ?? SAMPLES) : 1;
    const wanted = most * samples * parameters.length;
    if (wanted > numbers) {
      throw new Problem(
        "bad-data",
        `${most} data sets of ${samples} draws of ${parameters.length} numbers are ${wanted}, but a request may ask for ${numbers}`,
      );
    }
    const options = Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== undefined),
    );
    return { data, options, draws: most * samples, withDraws };
  }
}

/** Query texts that stand for something else, by name. */
function queryValue(name: string, text: unknown): unknown {
  if (typeof text !== "string") {
    throw new Problem("bad-request", `the query has "${name}" more than once`);
  }
  const whole = /^\d{1,15}$/;
  if (name === "samples" || name === "seed" || name === "points") {
    return whole.test(text) ? Number(text) : text;
  }
  if (name === "draws") return text === "true" ? true : text === "false" ? false : text;
  return text;
}

/**
 * A value by a schema.
 *
 * @throws Problem naming the first place that does not fit.
 */
export function readBy<S extends z.ZodType>(
  schema: S,
  value: unknown,
  what: string,
  kind: ProblemName = "bad-request",
): z.output<S> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [first] = error.issues;
  const place = first?.path.join(".") ?? "";
  if (first !== undefined && place !== "" && at(value, first.path) === undefined) {
    throw new Problem(kind, `${what} lacks ${place}`);
  }
  throw new Problem(
    kind,
    `${what}${place === "" ? "" : `, at ${place},`} does not fit: ${first?.message ?? "it is of no known form"}`,
  );
}

/** What a value has at a path; undefined where there is nothing. */
function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

function readNpy(bytes: Uint8Array): ArrayData {
  try {
    return parseNpy(bytes, "the body");
  } catch (cause) {
    if (cause instanceof AmortisError) throw new Problem("bad-request", cause.message, { cause });
    throw cause;
  }
}
