/**
 * What is wrong with settings, in one line: what was expected, and what was given.
 */
import type * as z from "zod";

type Issue = z.core.$ZodIssue;

/**
 * One line of all that is wrong.
 *
 * @param given what was checked.
 * @example "layers must be at least 1, but is 0"
 */
export function explain(issues: readonly Issue[], given: unknown): string {
  return issues.map((issue) => explainIssue(issue, given)).join("; ");
}

/** What is wrong with settings of these names, to be listed where an unknown one is given. */
export function knowing(
  { issues }: Pick<z.ZodError, "issues">,
  names: readonly string[],
): readonly Issue[] {
  return issues.map((issue) =>
    issue.code === "unrecognized_keys" && issue.path.length === 0
      ? { ...issue, known: names }
      : issue,
  );
}

function explainIssue(issue: Issue, given: unknown): string {
  const where = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((key) => `"${key}"`).join(", ");
    const known = "known" in issue && Array.isArray(issue.known) ? issue.known : [];
    const list = known.length > 0 ? `; there are ${known.join(", ")}` : "";
    return `${where === "" ? "" : `${where}: `}there is no setting ${names}${list}`;
  }
  const deeper = deepest(issue);
  if (deeper !== undefined) {
    return explainIssue({ ...deeper, path: [...issue.path, ...deeper.path] }, given);
  }
  const value = valueAt(given, issue.path);
  const subject = where === "" ? "" : `${where} `;
  // Messages of our own may have said all there is to say.
  if (issue.code === "custom") return `${subject}${issue.message}`;
  const found = value === undefined ? "is not given" : `is ${show(value)}`;
  return `${subject}must be ${expectation(issue)}, but ${found}`;
}

/** Of a union: what went wrong inside the alternative that was meant, where one was entered. */
function deepest(issue: Issue): Issue | undefined {
  if (issue.code !== "invalid_union") return undefined;
  return issue.errors.flat().find(({ path }) => path.length > 0);
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? `a value of the type ${issue.expected}`;
    case "invalid_value":
      return issue.values.map((value) => show(value)).join(", ");
    case "too_small":
      if (issue.origin === "array") return `a list of at least ${issue.minimum}`;
      return `${issue.inclusive === true ? "at least" : "above"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive === true ? "at most" : "below"} ${issue.maximum}`;
    case "invalid_union": {
      const alternatives = issue.errors.flatMap(([first]) => (first ? [expectation(first)] : []));
      return [...new Set(alternatives)].join(" or ");
    }
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "an object of settings",
  record: "an object",
};

/** `training.epochs`, `hidden[1]`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
    given,
  );
}

function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  // NaN and Infinity are null in JSON.
  if (typeof value === "number") return String(value);
  return JSON.stringify(value) ?? String(value);
}
