/**
 * What goes out for ArviZ is read by zarrita as it was meant: names, axes, numbers.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as zarr from "zarrita";
import { inferenceData, writeInferenceData } from "../../src/estimators/inference-data.js";
import { encodeZarr } from "../../src/files/zarr-tree.js";
import { loadPosterior } from "../../src/index.js";

const NPE = new URL("../golden-files/files-2/npe.amortis", import.meta.url);
const y = { shape: [2, 4], data: Float64Array.of(0.2, -0.3, 1.1, 0.4, 1, 2, 3, 4) };
const SAMPLES = 6;

/** A tree in memory, as zarrita has stores. */
function storeOf(files: Readonly<Record<string, Uint8Array>>) {
  return { get: async (key: string) => files[key.replace(/^\//u, "")] };
}

async function read(files: Readonly<Record<string, Uint8Array>>, path: string) {
  const array = await zarr.open(zarr.root(storeOf(files)).resolve(path), { kind: "array" });
  const { data, shape } = await zarr.get(array);
  return {
    shape,
    values: Array.from(data as Iterable<unknown>),
    names: array.dimensionNames,
    attributes: array.attrs,
  };
}

describe("inference data", () => {
  it("has draws, summaries, prior and data with names of axes and coordinates", async () => {
    const fitted = await loadPosterior(NPE, { onWarning: () => {} });
    const posterior = await fitted.givenBatch({ y }, { samples: SAMPLES });
    const files = encodeZarr(
      await inferenceData({ fitted, posterior, data: { y }, priorDraws: 3 }),
    );
    const slope = await read(files, "/posterior/slope");
    expect(slope.names).toEqual(["chain", "draw", "data_set"]);
    expect(slope.shape).toEqual([1, SAMPLES, 2]);
    const expected = Array.from({ length: 2 * SAMPLES }, (_, i) => {
      const [draw, set] = [Math.floor(i / 2), i % 2];
      return posterior.draws[(set * SAMPLES + draw) * 2];
    });
    expect(slope.values).toEqual(expected);
    expect(slope.attributes).toEqual({ units: "mm / s", long_name: "how fast it rises" });
    expect((await read(files, "/posterior/draw")).values).toEqual([0n, 1n, 2n, 3n, 4n, 5n]);
    const mean = await read(files, "/posterior_summary/level");
    expect(mean.names).toEqual(["statistic", "data_set"]);
    expect(mean.values.slice(0, 2)).toEqual([...(posterior.mean().level ?? [])]);
    expect(mean.values.slice(2, 4)).toEqual([...(posterior.sd().level ?? [])]);
    expect(mean.values.slice(4, 6)).toEqual([...(posterior.quantile(0.05).level ?? [])]);
    const { values: statistics } = await read(files, "/posterior_summary/statistic");
    expect(statistics).toEqual(["mean", "sd", "q0.05", "q0.25", "q0.5", "q0.75", "q0.95"]);
    const prior = await read(files, "/prior/level");
    expect([prior.shape, prior.names]).toEqual([
      [1, 3],
      ["chain", "draw"],
    ]);
    expect(prior.values.every((value) => Math.abs(Number(value)) <= 2)).toBe(true);
    const data = await read(files, "/observed_data/y");
    expect([data.shape, data.names]).toEqual([
      [2, 4],
      ["data_set", "y_dim_0"],
    ]);
    expect(data.values).toEqual([...y.data]);
    const group = await zarr.open(zarr.root(storeOf(files)), { kind: "group" });
    expect(group.attrs).toMatchObject({ inference_library: "amortis", model: "described line" });
    await fitted.release();
  });

  it("is written whole or not at all, with no axis of data sets where there is one", async () => {
    const fitted = await loadPosterior(NPE, { onWarning: () => {} });
    const data = { y: [0.2, -0.3, 1.1, 0.4] };
    const posterior = await fitted.given(data, { samples: SAMPLES });
    const folder = await mkdtemp(join(tmpdir(), "amortis-zarr-"));
    const path = join(folder, "one.zarr");
    try {
      await writeInferenceData(path, { fitted, posterior, data });
      const text = await readFile(join(path, "posterior/slope/zarr.json"), "utf8");
      expect(JSON.parse(text)).toMatchObject({
        shape: [1, SAMPLES],
        dimension_names: ["chain", "draw"],
        codecs: [{ name: "bytes" }],
        fill_value: "NaN",
      });
      await expect(writeInferenceData(path, { fitted, posterior, data })).rejects.toThrow(
        "one.zarr: it is there already",
      );
      expect(await readdir(folder)).toEqual(["one.zarr"]);
    } finally {
      await rm(folder, { recursive: true });
      await fitted.release();
    }
  });

  it("refuses names that the format has for itself", () => {
    const array = { shape: [1], dimensions: ["draw"], data: Float64Array.of(1) };
    for (const name of ["a/b", "..", "__a", "zarr.json", ""]) {
      expect(() => encodeZarr({ arrays: { [name]: array } })).toThrow(/no array or group/u);
    }
    const short = { ...array, shape: [2] };
    expect(() => encodeZarr({ arrays: { a: short } })).toThrow('the array "a" is [2]');
  });
});
