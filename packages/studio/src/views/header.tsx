/** Name, theme. */
import { theme } from "../state/store.js";

const THEMES = ["auto", "light", "dark"] as const;

export function Header() {
  return (
    <header>
      <h1>
        Amortis <span>studio</span>
      </h1>
      <label class="inline theme">
        <span>theme</span>
        <select
          aria-label="theme"
          value={theme.value}
          onChange={({ currentTarget }) => {
            const chosen = THEMES.find((one) => one === currentTarget.value);
            if (chosen !== undefined) theme.value = chosen;
          }}
        >
          {THEMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </header>
  );
}
