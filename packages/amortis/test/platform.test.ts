import * as node from "../src/platform/node.js";
import * as page from "../src/platform/page.js";
import { UnsupportedError } from "@amortis/graph";
import { describe, expect, it } from "vitest";

describe("a page", () => {
  it("has everything by name that Node has, as the bundlers need it", () => {
    expect(Object.keys(page).toSorted()).toEqual(Object.keys(node).toSorted());
    expect(Object.keys(page.fs)).toEqual(Object.keys(node.fs));
    expect(Object.keys(page.path)).toEqual(Object.keys(node.path));
  });

  it("says that it has no files", async () => {
    await expect(page.fs.readFile("somewhere")).rejects.toThrow(UnsupportedError);
    await expect(page.importPiscina()).rejects.toThrow(/pass bytes or a URL/);
    expect(() => page.path.resolve("somewhere")).toThrow(UnsupportedError);
  });
});
