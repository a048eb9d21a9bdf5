import { createHash } from "node:crypto";
import { inHtml } from "@gatepost/core/html";
import type { OpenApi, Operation, Parameter } from "./document.ts";
import { calculator, calculatorScript } from "./sizing.ts";

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
details { border-bottom: 1px solid #8886; padding: .4rem 0; }
summary { cursor: pointer; }
summary code { font-weight: 600; }
pre { overflow: auto; background: #8881; padding: .6rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
fieldset { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; }
input { font: inherit; width: 7rem; }
output { display: block; min-height: 7.5em; padding: .6rem 0; white-space: pre-line; }
`;

/** The document and a calculator as a page that loads nothing: no file, no other host. */
export function documentPage(document: OpenApi): { html: string; headers: Record<string, string> } {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => sectionOf(method.toUpperCase(), path, operation)),
  );
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => html`<details id="${name}"><summary><code>${name}</code></summary>${pre(schema)}</details>`,
  );
  const { title, description } = document.info;
  const refusal = document.components.responses["Refusal"]?.description ?? "";
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>${raw(style)}</style></head><body><main>
<h1>${title}</h1><p>${prose(description)}</p><p>${prose(refusal)}</p><p>For programs: <a href="openapi.json">/openapi.json</a>.</p>
${operations}<h2>Schemas</h2>${schemas}${raw(calculator)}</main>
<script>${raw(calculatorScript)}</script></body></html>`;
  return {
    html: page.text,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(calculatorScript)}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    },
  };
}

/** A text of the page as its policy names it. */
const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Text that is HTML already. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const raw = (text: string) => new Html(text);

/** Puts values into HTML: texts are escaped. */
function html(strings: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  const texts = values.map((value) => [value].flat().map((one) => (one instanceof Html ? one.text : inHtml(one))));
  return new Html(strings.map((string, at) => string + (texts[at] ?? []).join("")).join(""));
}

/** A description whose only Markdown is the backtick: text between two backticks is code. */
function prose(text: string): Html[] {
  return text.split(/`([^`]*)`/).map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

function pre(value: unknown): Html {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}

function sectionOf(method: string, path: string, operation: Operation): Html {
  const { summary, description = "", parameters, requestBody, responses } = operation;
  return html`<details><summary><code>${method} ${path}</code> ${prose(summary)}</summary><p>${prose(description)}</p>
${parameters.length === 0 ? [] : html`<table><tr><th>parameter<th>in<th>what it is</tr>${parameters.map(rowOf)}</table>`}
${requestBody === undefined ? [] : html`<h4>Body</h4>${pre(requestBody.content)}`}
${Object.entries(responses).flatMap(([status, { description: is, content }]) =>
  // The shared refusal is described once.
  is === undefined ? [] : html`<p><b>${status}</b> ${prose(is)}</p>${content === undefined ? [] : pre(content)}`,
)}</details>`;
}

function rowOf({ name, in: location, required, description = "", example }: Parameter): Html {
  const need = required ? `${location}, required` : location;
  const such = example === undefined ? [] : html` As <code>${[example].flat().join(", ")}</code>.`;
  return html`<tr><td><code>${name}</code><td>${need}<td>${prose(description)}${such}</tr>`;
}
