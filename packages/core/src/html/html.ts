const entities = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** Escapes a text for HTML, for the content of an element or a quoted attribute. */
export function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? "");
}
