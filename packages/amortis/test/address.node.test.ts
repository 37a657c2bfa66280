import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { load, loadModel } from "../src/index.js";

const FILE = "packages/amortis/test/golden-files/files/npe-gaussian.amortis";

test("a file is found by its path, by a URL, and by what has a URL's href", async () => {
  const url = pathToFileURL(FILE);
  for (const address of [FILE, url, { href: url.href }]) {
    const fitted = await load(address);
    expect(fitted.details.method).toBe("npe");
    await fitted.release();
  }
});

test("an address is told of as it was given, a URL whole", async () => {
  const url = pathToFileURL("no-such-file.ts");
  await expect(loadModel({ href: url.href })).rejects.toThrow(
    `cannot load the model from ${url.href}: there is no such file`,
  );
  await expect(load("no-such-file.amortis")).rejects.toThrow(
    "cannot read no-such-file.amortis: there is no such file",
  );
});
