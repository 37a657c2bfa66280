/** Which theme is shown: the one that was chosen, or the system's. */
import { computed, signal } from "@preact/signals";
import { theme } from "./store.js";

const dark = globalThis.matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(dark.matches);
dark.addEventListener("change", ({ matches }) => {
  systemIsDark.value = matches;
});

export const shownTheme = computed<"light" | "dark">(() => {
  if (theme.value !== "auto") return theme.value;
  return systemIsDark.value ? "dark" : "light";
});
