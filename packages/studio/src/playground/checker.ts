/**
 * TypeScript's own checker, in a worker: faults, completions, and JavaScript.
 */
import ts from "typescript";
import { serve } from "../protocol/rpc.js";
import type { CheckerCalls, Completion, Fault } from "./types.js";

/** Where the code of the playground is taken to lie. */
const FILE = "/model.ts";

/** As the library is checked itself. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

/** Completions that are sent. */
const MOST = 200;

let files: Readonly<Record<string, string>> = {};
let library = "";
let code = "";
let version = 0;

const host: ts.LanguageServiceHost = {
  getCompilationSettings: () => OPTIONS,
  getScriptFileNames: () => [FILE],
  getScriptVersion: (name) => (name === FILE ? String(version) : "0"),
  getScriptSnapshot: (name) => {
    const text = readFile(name);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => "/",
  getDefaultLibFileName: () => "/lib/lib.es2023.d.ts",
  fileExists: (name) => readFile(name) !== undefined,
  readFile,
  directoryExists: (name) =>
    name === "/" ||
    Object.keys(files).some((file) => file.startsWith(`${name.replace(/\/$/u, "")}/`)),
};
const service = ts.createLanguageService(host);

function readFile(name: string): string | undefined {
  return name === FILE ? code : files[name];
}

function take(text: string): void {
  if (text === code) return;
  code = text;
  version++;
}

serve<CheckerCalls>({
  start: (given) => {
    files = given.files;
    library = given.library;
    version++;
  },
  check: (text) => {
    take(text);
    const all = [...service.getSyntacticDiagnostics(FILE), ...service.getSemanticDiagnostics(FILE)];
    return { faults: all.map(faultOf), javascript: toJavaScript(text) };
  },
  complete: ({ code: text, at }) => {
    take(text);
    const found = service.getCompletionsAtPosition(FILE, at, {}) ?? { entries: [] };
    return found.entries
      .slice(0, MOST)
      .map(({ name, kind }): Completion => ({ label: name, kind }));
  },
  hover: ({ code: text, at }) => {
    take(text);
    const found = service.getQuickInfoAtPosition(FILE, at);
    return found && ts.displayPartsToString(found.displayParts);
  },
});

function faultOf({ start = 0, length = 1, messageText, category }: ts.Diagnostic): Fault {
  return {
    from: start,
    to: start + length,
    line: code.slice(0, start).split("\n").length,
    message: ts.flattenDiagnosticMessageText(messageText, "\n"),
    severe: category === ts.DiagnosticCategory.Error,
  };
}

/** JavaScript for a page: the library is imported by its address. */
function toJavaScript(text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { ...OPTIONS, noEmit: false },
    transformers: { before: [addressed] },
  });
  return outputText;
}

const addressed: ts.TransformerFactory<ts.SourceFile> = (context) => (source) => {
  const { factory } = context;
  const visit = (node: ts.Node): ts.Node => {
    if (
      ts.isImportDeclaration(node) &&
      ts.isStringLiteral(node.moduleSpecifier) &&
      node.moduleSpecifier.text === "amortis"
    ) {
      return factory.updateImportDeclaration(
        node,
        node.modifiers,
        node.importClause,
        factory.createStringLiteral(library),
        node.attributes,
      );
    }
    return node;
  };
  return ts.visitEachChild(source, visit, context);
};
