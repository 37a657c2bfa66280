/**
 * The OpenAPI document as a page: plain HTML, without scripts.
 */

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f5f5f5;padding:.8rem;overflow:auto;max-height:24rem}
h2{margin-top:2.5rem;border-top:1px solid #ddd;padding-top:1rem}summary{cursor:pointer;padding:.2rem 0}.verb{font-weight:600;text-transform:uppercase}`;

/** A page of an OpenAPI document. */
export function docsPage(document: object): string {
  const { info, paths } = document as { readonly info?: unknown; readonly paths?: unknown };
  const operations = fieldsOf(paths).flatMap(([path, item]) =>
    fieldsOf(item).map(([verb, operation]) => operationOf(path, verb, operation)),
  );
  const title = textOf(info, "title");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body><h1>${escape(title)} ${escape(textOf(info, "version"))}</h1><p>${escape(textOf(info, "description"))} <a href="openapi.json">openapi.json</a></p>
${operations.join("\n")}</body></html>`;
}

function operationOf(path: string, verb: string, operation: unknown): string {
  const parts = ["parameters", "requestBody"].flatMap((name) => {
    const part = fieldsOf(operation).find(([key]) => key === name)?.[1];
    return part === undefined ? [] : [detailsOf(name === "parameters" ? "Query" : "Body", part)];
  });
  const answers = fieldsOf(fieldsOf(operation).find(([key]) => key === "responses")?.[1]).map(
    ([status, response]) => detailsOf(`${status} ${textOf(response, "description")}`, response),
  );
  return `<h2><span class="verb">${escape(verb)}</span> <code>${escape(path)}</code></h2>
<p>${escape(textOf(operation, "summary"))}. ${escape(textOf(operation, "description"))}</p>${parts.join("")}${answers.join("")}`;
}

function detailsOf(title: string, part: unknown): string {
  return `<details><summary>${escape(title)}</summary><pre>${escape(JSON.stringify(part, null, 2))}</pre></details>`;
}

function fieldsOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function textOf(value: unknown, name: string): string {
  const found = fieldsOf(value).find(([key]) => key === name)?.[1];
  return typeof found === "string" ? found : "";
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
