/**
 * VitePress's own theme, with live examples, and what formulas and figures need.
 */
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import "./style.css";

// VitePress wants a default export.
// oxlint-disable-next-line import/no-default-export
export default {
  extends: DefaultTheme,
  enhanceApp: async () => {
    // Elements need a page: they are not there while pages are rendered beforehand.
    if (!import.meta.env.SSR) await import("./live/index.js");
  },
} satisfies Theme;
