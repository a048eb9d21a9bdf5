const entities = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

/** A text that stands in HTML, in an element or in an attribute in quotes. */
export function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? "");
}
