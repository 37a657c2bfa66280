/** Names that JSON has twice. */
import { expect, it } from "vitest";
import { parseJsonText } from "../src/json.js";

it.each([
  ['{"a": 1, "a": 2}', "a"],
  ['{"a": 1, "b": [1, 2], "a": 2}', "a"],
  ['[{"x": {"a": {"b": 1, "c": "}", "b": 2}}}]', "b"],
  ['{"a\\"": 1, "\\u0061\\"": 2}', 'a\\"'],
  ['{"": 1, "": 2}', ""],
  ['{"__proto__": 1, "__proto__": 2}', "__proto__"],
])("%s has a name twice", (text, name) => {
  expect(() => parseJsonText(text)).toThrow(`an object has "${name}" twice`);
});

it.each([
  '{"a": {"a": 1}, "b": {"a": 2}}',
  '[{"a": 1}, {"a": 2}]',
  '{"a": "a", "b": ["a", "a"], "c": "{\\"a\\": 1, \\"a\\": 2}"}',
  '{"a": [], "b": {}, "c": [[], {}]}',
  '"a"',
  " 3 ",
])("%s has none", (text) => {
  expect(parseJsonText(text)).toEqual(JSON.parse(text));
});

it("is no JSON where JSON.parse says so, and is read however deep", () => {
  expect(() => parseJsonText('{"a": 1,}')).toThrow(SyntaxError);
  const deep = '{"a":'.repeat(5_000) + "1" + "}".repeat(5_000);
  expect(() => parseJsonText(deep)).not.toThrow();
});
