/**
 * VitePress's own theme, with what formulas and figures need.
 */
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import "./style.css";

// VitePress wants a default export.
// oxlint-disable-next-line import/no-default-export
export default { extends: DefaultTheme } satisfies Theme;
