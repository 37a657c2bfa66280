/**
 * Writes `llms.txt` and `llms-full.txt` into the site: its pages as a list, and all of them as one text, for programs that read.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SECTIONS } from "../.vitepress/sidebar.js";

const DOCS = fileURLToPath(new URL("..", import.meta.url));
const SITE = join(DOCS, ".vitepress", "dist");
const BASE = process.env["AMORTIS_DOCS_BASE"] ?? "/";

const HEAD = `# Amortis

> Amortized Bayesian inference in TypeScript: train a neural network once on simulations, then answer every data set in milliseconds, in Node, on a server or in a browser tab.

Begin with ${BASE}agents.md, which is written for coding agents. Every page is there as Markdown; ${BASE}llms-full.txt has all of them.
`;

/** A page's Markdown, with what it includes. */
function textOf(link: string): string {
  const text = readFileSync(join(DOCS, `${link}.md`), "utf8");
  return text.replace(/<!--@include: (.*?)-->/g, (_, path: string) =>
    readFileSync(join(DOCS, dirname(link), path.trim()), "utf8"),
  );
}

const sections = SECTIONS.map(({ text, items }) => {
  const lines = items.map((item) => `- [${item.text}](${BASE}${item.link.slice(1)}.md)`);
  return `## ${text}\n\n${lines.join("\n")}`;
});
writeFileSync(join(SITE, "llms.txt"), `${HEAD}\n${sections.join("\n\n")}\n`);

const pages = SECTIONS.flatMap(({ items }) => items);
writeFileSync(join(SITE, "llms-full.txt"), pages.map(({ link }) => textOf(link)).join("\n\n"));
for (const { link } of pages) {
  const target = join(SITE, `${link}.md`);
  mkdirSync(dirname(target), { recursive: true });
  if (link === "/contributing") writeFileSync(target, textOf(link));
  else copyFileSync(join(DOCS, `${link}.md`), target);
}
