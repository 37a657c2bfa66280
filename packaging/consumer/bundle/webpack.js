/** Builds the page by webpack, and prints what it complains of. */
import { fileURLToPath } from "node:url";
import webpack from "webpack";

const page = fileURLToPath(new URL("../page", import.meta.url));

const stats = await new Promise((resolve, reject) => {
  webpack(
    {
      mode: "production",
      context: page,
      entry: "./page.ts",
      output: { path: `${page}/webpack`, filename: "page.js" },
      // TypeScript, which webpack does not read itself.
      module: {
        rules: [{ test: /\.ts$/u, loader: "esbuild-loader", options: { target: "es2022" } }],
      },
      // What takes most of the time, and has no say in warnings.
      optimization: { minimize: false },
      // Advice on sizes is not what is asked: the page trains and draws.
      performance: { hints: false },
      resolve: { extensions: [".ts", ".js"], extensionAlias: { ".js": [".ts", ".js"] } },
    },
    (error, done) => {
      if (error) reject(error);
      else resolve(done);
    },
  );
});
const { warnings, errors } = stats.toJson({ all: false, warnings: true, errors: true });
console.log(
  JSON.stringify(
    [...errors, ...warnings].map(
      ({ message, moduleName, loc }) => `${moduleName} ${loc}: ${message}`,
    ),
  ),
);
