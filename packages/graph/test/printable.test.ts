import { describe, expect, it } from "vitest";
import { InvalidArgumentError, printable } from "../src/index.js";

describe("text for a terminal", () => {
  it("has no characters that it obeys", () => {
    expect(printable("plain, ü, θ and 😀\n\tstay")).toBe("plain, ü, θ and 😀\n\tstay");
    expect(printable("\u001B[2J\u0007\r\u009B1m")).toBe("\\u001b[2J\\u0007\\u000d\\u009b1m");
    // What turns the direction of others, and what nobody sees.
    expect(printable("a\u202Eb\uFEFF\u{E0041}")).toBe("a\\u202eb\\ufeff\\udb40\\udc41");
  });

  it("keeps JSON what it was", () => {
    const document = { "a\u009B": "b\u202E\u0000\n" };
    expect(JSON.parse(printable(JSON.stringify(document)))).toEqual(document);
  });

  it("is what errors say", () => {
    expect(new InvalidArgumentError("the name \u001B]0;x\u0007").message).toBe(
      "the name \\u001b]0;x\\u0007",
    );
  });
});
