/** Builds the page by esbuild, and prints what it complains of. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const page = fileURLToPath(new URL("../page", import.meta.url));

/** Workers are entries of their own: esbuild leaves their addresses as they are, which must be those of its output. */
const workersByOutput = {
  name: "workers by their output",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/page\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll('.ts", import.meta', '.js", import.meta'),
      loader: "ts",
    }));
  },
};

const { warnings } = await build({
  absWorkingDir: page,
  entryPoints: ["page.ts", "worker.ts", "coin.worker.ts"],
  outdir: "esbuild",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  logLevel: "silent",
  plugins: [workersByOutput],
});
console.log(JSON.stringify(warnings.map(({ text }) => text)));
