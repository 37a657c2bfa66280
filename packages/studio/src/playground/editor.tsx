/** The editor: CodeMirror, with the faults and completions of TypeScript's checker. */
import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { javascript } from "@codemirror/lang-javascript";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup, EditorView } from "codemirror";
import { useEffect, useRef } from "preact/hooks";
import { check, checked, checker, code } from "./state.js";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--overlay-1)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--overlay-2)" },
  { tag: tags.number, color: "var(--prior)" },
  { tag: tags.comment, color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.propertyName, tags.definition(tags.variableName)], color: "var(--accent)" },
]);

const faults = linter(
  async (view) => {
    code.value = view.state.doc.toString();
    await check();
    return (checked.value?.faults ?? []).map(({ from, to, message, severe }) => ({
      from,
      to: Math.max(from, Math.min(to, view.state.doc.length)),
      severity: severe ? ("error" as const) : ("warning" as const),
      message,
    }));
  },
  { delay: 300 },
);

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/\w*$/u);
  if (word === null || (word.from === word.to && !context.explicit)) {
    if (context.matchBefore(/\.$/u) === null) return null;
  }
  const found = await (
    await checker()
  ).complete({ code: context.state.doc.toString(), at: context.pos });
  return {
    from: word?.from ?? context.pos,
    options: found.map(({ label }) => ({ label })),
    validFor: /^\w*$/u,
  };
}

const hints = hoverTooltip(async (view, at) => {
  const words = await (await checker()).hover({ code: view.state.doc.toString(), at });
  if (words === undefined) return null;
  return {
    pos: at,
    create: () => {
      const dom = document.createElement("pre");
      dom.className = "hint";
      dom.textContent = words;
      return { dom };
    },
  };
});

export function Editor() {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const view = new EditorView({
      parent: current,
      state: EditorState.create({
        doc: code.value,
        extensions: [
          basicSetup,
          javascript({ typescript: true }),
          syntaxHighlighting(colours),
          autocompletion({ override: [complete] }),
          hints,
          faults,
          lintGutter(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": "the model, in TypeScript" }),
        ],
      }),
    });
    return () => {
      view.destroy();
    };
  }, []);
  return <div ref={place} class="editor" />;
}
