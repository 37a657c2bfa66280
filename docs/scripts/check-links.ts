/**
 * Checks the links of the site that was built, and those of the READMEs into it: every page, file and anchor that one of them names must be there.
 *
 *     npm run links -w @amortis/docs
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCS = join(ROOT, "docs");
const SITE = join(DOCS, ".vitepress", "dist");
const BASE = process.env["AMORTIS_DOCS_BASE"] ?? "/";

/** A link, and where it stands. */
interface Link {
  readonly from: string;
  readonly to: string;
}

const anchors = new Map<string, ReadonlySet<string>>();

/** What may follow `#` in links to a page. */
function anchorsOf(page: string): ReadonlySet<string> {
  const known = anchors.get(page);
  if (known !== undefined) return known;
  const found = new Set(
    [...readFileSync(page, "utf8").matchAll(/\sid="([^"]*)"/g)].map(([, id = ""]) => id),
  );
  anchors.set(page, found);
  return found;
}

const isElsewhere = (address: string): boolean => /^(?:[a-z][a-z+.-]*:|\/\/)/i.test(address);

/** The file that a path of the site stands for. */
function fileOf(path: string): string | undefined {
  const candidates = [path, `${path}.html`, join(path, "index.html")];
  return candidates.find((file) => existsSync(file) && statSync(file).isFile());
}

/** What is wrong with a link of a built page. */
function faultOf({ from, to }: Link): string | undefined {
  if (isElsewhere(to)) return undefined;
  const [path = "", hash = ""] = decodeURI(to).replaceAll("&amp;", "&").split("#");
  const bare = path.split("?")[0] ?? "";
  if (bare.startsWith("/") && !bare.startsWith(BASE)) return "lies outside of the site";
  const asked = bare.startsWith("/")
    ? join(SITE, bare.slice(BASE.length))
    : resolve(dirname(from), bare);
  const file = bare === "" ? from : fileOf(asked);
  if (file === undefined) return "is not there";
  if (hash !== "" && file.endsWith(".html") && !anchorsOf(file).has(hash)) {
    return `has no anchor #${hash}`;
  }
  return undefined;
}

/** What is wrong with a link of a Markdown file outside of the site. */
function faultOfReadme({ from, to }: Link): string | undefined {
  if (isElsewhere(to) || to.startsWith("#")) return undefined;
  const [path = "", hash = ""] = to.split("#");
  const file = resolve(dirname(from), path);
  if (!existsSync(file)) return "is not there";
  if (hash === "") return undefined;
  const page = join(SITE, relative(DOCS, file).replace(/\.md$/, ".html"));
  return existsSync(page) && !anchorsOf(page).has(hash) ? `has no anchor #${hash}` : undefined;
}

function linksIn(file: string, pattern: RegExp): readonly Link[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(pattern)].map(([, to = ""]) => ({ from: file, to }));
}

const pages = existsSync(SITE)
  ? readdirSync(SITE, { encoding: "utf8", recursive: true })
      .filter((name) => name.endsWith(".html"))
      .map((name) => join(SITE, name))
  : [];
if (pages.length === 0) throw new Error(`there is no site in ${relative(ROOT, SITE)}: build it`);
const packages = readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/README.md`);
const readmes = ["README.md", "CONTRIBUTING.md", ...packages].filter((name) =>
  existsSync(join(ROOT, name)),
);
const checks = [
  ...pages.flatMap((page) =>
    linksIn(page, /\s(?:href|src)="([^"]*)"/g).map((link) => ({ link, fault: faultOf(link) })),
  ),
  ...readmes.flatMap((name) =>
    linksIn(join(ROOT, name), /\]\(([^)\s]*)\)/g).map((link) => ({
      link,
      fault: faultOfReadme(link),
    })),
  ),
];
const dead = checks.filter(({ fault }) => fault !== undefined);
for (const { link, fault } of dead) {
  console.error(`${relative(ROOT, link.from)}: ${link.to} ${fault}`);
}
console.log(
  `${checks.length} links of ${pages.length} pages and ${readmes.length} READMEs, ${dead.length} dead`,
);
if (dead.length > 0) process.exitCode = 1;
