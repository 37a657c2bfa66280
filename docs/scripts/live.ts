/**
 * Puts what live examples need beside the pages: the studio's element, as one file, and its ready estimators, into `docs/public/live`.
 */
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const STUDIO = fileURLToPath(new URL("../../packages/studio/", import.meta.url));
const LIVE = fileURLToPath(new URL("../public/live/", import.meta.url));

const FILES = [
  "dist/amortis-posterior.js",
  "public/estimators/line.amortis",
  "public/estimators/gaussian-field.amortis",
];

mkdirSync(LIVE, { recursive: true });
for (const name of FILES) {
  if (!existsSync(`${STUDIO}${name}`)) {
    throw new Error(`packages/studio/${name} is not there: npm run build`);
  }
  copyFileSync(`${STUDIO}${name}`, `${LIVE}${name.split("/").at(-1)}`);
}
