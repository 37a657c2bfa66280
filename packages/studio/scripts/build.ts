/**
 * Builds the studio into `dist`: the web app, and what is loaded by pages of others.
 *
 *     npm run build -w @amortis/studio
 */
import { build } from "vite";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

await build({ root, configFile: `${root}vite.config.ts`, logLevel: "warn" });
