/** The playground: faults are shown, a training is watched, and what comes of it has the bits that Node makes of the same. */
import { readFile } from "node:fs/promises";
import { defineModel, load, normal, npe, simulate, splineCoupling, train } from "amortis";
import { wasmRuntime } from "@amortis/graph/wasm";
import { expect, it } from "vitest";
import { expectShows } from "./library.js";
import { boxOf, drag, settled, stateOf, studio } from "./studio.js";

const { open } = studio();

const model = defineModel({
  name: "mine",
  parameters: { shift: normal(0, 2) },
  data: { y: [3] },
  simulate: ({ shift }, random) => ({
    y: [shift + random.normal(), shift + random.normal(), shift + random.normal()],
  }),
});

const CODE = `import { defineModel, normal } from "amortis";
export const mine = defineModel({
  name: "mine",
  parameters: { shift: normal(0, 2) },
  data: { y: [3] },
  simulate: ({ shift }, random) => ({
    y: [shift + random.normal(), shift + random.normal(), shift + random.normal()],
  }),
});
`;

it("a model is written, its faults are shown, it is trained, watched, scrubbed, used and taken away", async () => {
  const page = await open("e=line&tab=playground");
  const editor = page.locator(".cm-content");
  await page.locator('[data-faults="0"]').waitFor();

  // A misspelt parameter is a fault, with the words of TypeScript, and nothing can be trained.
  const write = async (text: string): Promise<void> => {
    await editor.click();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(text);
  };
  await write(CODE.replace("({ shift }, random)", "({ shfit }, random)"));
  await page.locator('[data-faults]:has-text("shfit")').waitFor();
  expect(await page.locator("[data-faults]").innerText()).toMatch(
    /line 6: Property 'shfit' does not exist/u,
  );
  expect(await page.locator('[data-action="train"]').isDisabled()).toBe(true);

  await write(CODE);
  await page.locator('[data-faults="0"]').waitFor();
  await page.getByRole("spinbutton", { name: "simulations" }).fill("600");
  await page.getByRole("spinbutton", { name: "epochs" }).fill("4");
  await page.getByRole("spinbutton", { name: "epochs" }).press("Tab");
  await page.locator('[data-action="train"]').click();
  await page.locator('[data-action="download"]').waitFor();
  await settled(page);

  const losses: number[] = [];
  const options = { simulations: 600, epochs: 4, seed: 1, progress: false } as const;
  const own = await train(npe(model, { density: splineCoupling({ layers: 4 }) }), {
    ...options,
    runtime: wasmRuntime(),
    onEpoch: ({ validationLoss }) => losses.push(validationLoss),
    onWarning: () => {},
  });
  const downloading = page.waitForEvent("download");
  await page.locator('[data-action="download"]').click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("mine.amortis");
  const taken = await load(new Uint8Array(await readFile(await download.path())));
  expect(taken.contents.weights).toEqual(own.contents.weights);

  // The epochs are scrubbed through.
  const { x, y, width, height } = await boxOf(page, '[data-slider="epoch"]');
  expect(await page.locator("[data-epochs]").getAttribute("data-epochs")).toBe("4");
  await drag(page, [
    [x + width - 8, y + height / 2],
    [x + 8, y + height / 2],
  ]);
  expect(await page.locator("[data-epoch]").getAttribute("data-epoch")).toBe("1");
  const shown = await page.locator('.watch data[data-number="loss"]').getAttribute("value");
  expect(Number(shown)).toBe(losses[0]);

  // It is used at once: its parameter is dragged as any other's.
  const theta = Number(stateOf(page).get("theta"));
  const made = await simulate(model, { parameters: Float64Array.of(theta), seed: 1 });
  await expectShows(page, await own.given(made.data, { samples: 1_000, seed: 0 }));
  await page.close();
});
