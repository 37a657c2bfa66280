/**
 * Formulas in Markdown: `$$ ... $$` as paragraphs of their own and `$...$` within a line, written as MathML, which browsers show without fonts or scripts.
 */
import temml from "temml";

/** What the plugin uses of markdown-it, whose types are not a dependency. */
interface Markdown {
  readonly inline: { readonly ruler: { after(name: string, own: string, rule: InlineRule): void } };
  readonly block: {
    readonly ruler: {
      after(name: string, own: string, rule: BlockRule, options: { alt: string[] }): void;
    };
  };
  readonly renderer: { rules: Record<string, unknown> };
}

interface Token {
  content: string;
  block: boolean;
}

interface InlineState {
  readonly src: string;
  pos: number;
  push(type: string, tag: string, nesting: number): Token;
}

interface BlockState {
  readonly src: string;
  readonly bMarks: readonly number[];
  readonly tShift: readonly number[];
  readonly eMarks: readonly number[];
  line: number;
  push(type: string, tag: string, nesting: number): Token;
}

type InlineRule = (state: InlineState, silent: boolean) => boolean;
type BlockRule = (state: BlockState, start: number, end: number, silent: boolean) => boolean;

const inlineMath: InlineRule = (state, silent) => {
  // A dollar before a space, or after a digit, is money or a shell's variable.
  const match = /^\$(?![\s$])([^$\n]*[^\s$])\$(?!\d)/.exec(state.src.slice(state.pos));
  if (match === null) return false;
  if (!silent) state.push("math_inline", "math", 0).content = match[1] ?? "";
  state.pos += match[0].length;
  return true;
};

const blockMath: BlockRule = (state, start, end, silent) => {
  const lineAt = (line: number): string =>
    state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]);
  if (lineAt(start).trim() !== "$$") return false;
  let close = start + 1;
  while (close < end && lineAt(close).trim() !== "$$") close += 1;
  if (close >= end) throw new Error(`a formula that begins at line ${start + 1} has no end: $$`);
  if (silent) return true;
  const token = state.push("math_block", "math", 0);
  token.block = true;
  token.content = Array.from({ length: close - start - 1 }, (_, i) => lineAt(start + 1 + i)).join(
    "\n",
  );
  state.line = close + 1;
  return true;
};

const render = (displayMode: boolean) => (tokens: readonly Token[], index: number) => {
  const html = temml.renderToString(tokens[index]?.content ?? "", {
    displayMode,
    throwOnError: true,
  });
  // Vue would read braces as its own.
  return displayMode
    ? `<p class="formula" v-pre tabindex="0">${html}</p>\n`
    : `<span v-pre>${html}</span>`;
};

/** Adds formulas to a Markdown renderer. */
export function formulas(markdown: object): void {
  const md = markdown as Markdown;
  md.inline.ruler.after("escape", "math_inline", inlineMath);
  md.block.ruler.after("fence", "math_block", blockMath, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  md.renderer.rules["math_inline"] = render(false);
  md.renderer.rules["math_block"] = render(true);
}
