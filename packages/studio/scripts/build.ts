/**
 * Builds the studio into `dist`: plain static files, for any host.
 *
 *     npm run build -w @amortis/studio
 */
import { fileURLToPath } from "node:url";
import { buildAll } from "./build-all.js";

await buildAll(fileURLToPath(new URL("../dist", import.meta.url)));
