/**
 * A model card stands alone, says what the file says, and lets no text of a file be markup.
 */
import { describe, expect, it } from "vitest";
import { modelCard } from "../../src/figures/index.js";
import { load } from "../../src/index.js";

const file = (name: string): URL =>
  new URL(`../golden-files/files-2/${name}.amortis`, import.meta.url);

async function detailsOf(name: string) {
  const fitted = await load(file(name), { onWarning: () => {} });
  await fitted.release();
  return fitted.details;
}

describe("a model card", () => {
  it("has parameters, data, losses and calibration, and asks for no other file", async () => {
    const details = await detailsOf("npe");
    const html = modelCard(details, { file: "npe.amortis", bytes: 1234, weights: 5 });
    for (const text of [
      "described line",
      "how fast it rises",
      "mm / s",
      "normal(mean 0, sd 1)",
      "(-2, 2)",
      "covered by 90 %",
      "1,234 bytes",
      "<title>losses</title>",
      "<title>calibration</title>",
      "prefers-color-scheme: dark",
    ]) {
      expect(html).toContain(text);
    }
    expect(html.replaceAll("http://www.w3.org/", "")).not.toMatch(/https?:|<script|<link|<img/u);
  });

  it.each(["nbe", "nre", "nle", "abc", "mutual-information", "npe-members"])(
    "is of any estimator: %s",
    async (name) => {
      const html = modelCard(await detailsOf(name));
      expect(html).toContain("<h2>Training</h2>");
      expect(html).not.toContain("undefined");
      expect(html).not.toContain("NaN");
    },
  );

  it("shows names as text", async () => {
    const details = await detailsOf("nbe");
    const name = '<img src="x" onerror="alert(1)">';
    const html = modelCard({ ...details, model: { ...details.model, name } });
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img");
  });
});
