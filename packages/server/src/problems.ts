/**
 * What can be wrong, as problem documents.
 *
 * Reference: RFC 9457, "Problem Details for HTTP APIs" (2023).
 */
import { STATUS_CODES } from "node:http";

/** The media type of problem documents. */
export const PROBLEM_TYPE = "application/problem+json";

/** Names of the problems there are, each with its status. */
export const PROBLEMS = {
  "bad-request": 400,
  unauthorized: 401,
  "not-found": 404,
  "method-not-allowed": 405,
  "not-acceptable": 406,
  "slow-request": 408,
  "too-large": 413,
  "unsupported-media-type": 415,
  "bad-data": 422,
  "too-busy": 429,
  "headers-too-large": 431,
  internal: 500,
  unavailable: 503,
  "took-too-long": 504,
} as const;

/** The name of a problem, the last part of its `type`. */
export type ProblemName = keyof typeof PROBLEMS;

/** A problem, as it is sent. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The same as `detail`, where clients of the Open Inference Protocol look for it. */
  readonly error: string;
}

/** What is thrown where a request cannot be answered. */
export class Problem extends Error {
  readonly kind: ProblemName;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param detail one sentence: what was given, what was expected, what to do.
   * @param headers that go with the answer, such as `retry-after`.
   */
  constructor(
    kind: ProblemName,
    detail: string,
    {
      headers = {},
      cause,
    }: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail, { cause });
    this.name = "Problem";
    this.kind = kind;
    this.headers = headers;
  }

  get status(): number {
    return PROBLEMS[this.kind];
  }

  /** The document that is sent. */
  get document(): ProblemDocument {
    return {
      type: `urn:amortis:problem:${this.kind}`,
      title: STATUS_CODES[this.status] ?? "Error",
      status: this.status,
      detail: this.message,
      error: this.message,
    };
  }
}

/** The problem of a status that somebody else chose. */
export function problemOfStatus(status: number, detail: string): Problem {
  const names = Object.keys(PROBLEMS).filter((name): name is ProblemName => name in PROBLEMS);
  const known = names.find((name) => PROBLEMS[name] === status);
  return new Problem(known ?? (status >= 400 && status < 500 ? "bad-request" : "internal"), detail);
}
