/** The header with the receipt of a report that may have no time of its own, in ms since 1970. A bridge sends it, too. */
export const receiptHeader = "gatepost-receipt";

/** The receipt in the headers of a report; undefined if it has none. */
export function receiptIn(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers[receiptHeader] ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Headers by which browsers and chats say that nobody has asked for a page yet. */
const foretelling = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/** The query of a request, and the values of its headers by their lower-case names. */
interface Query {
  method: string;
  query: string;
  header(name: string): string | undefined;
}

/**
 * The query of a GET as a form, without the key; null if it delivers nothing: it has no other member, a browser or a chat
 * only looks ahead, or the client wants a WebSocket.
 *
 * @example formOf({ method: "GET", query: "token=gpi_…&card=7", header }); // "card=7"
 */
export function formOf({ method, query, header }: Query): string | null {
  const isLook = foretelling.some((name) => /prefetch|prerender|preview/i.test(header(name) ?? ""));
  if (method !== "GET" || query === "" || isLook || /websocket/i.test(header("upgrade") ?? "")) return null;
  const pairs = query.split("&").filter((pair) => pair !== "" && !new URLSearchParams(pair).has("token"));
  return pairs.length === 0 ? null : pairs.map(asPair).join("&");
}

/** A member of a query as a form has it, with a value, and with every sign of its name encoded that a name seldom has. */
function asPair(sent: string): string {
  const text = sent.replaceAll(/%(?![\da-f]{2})/gi, "%25");
  const end = `${text}=`.indexOf("=");
  const name = text.slice(0, end).replaceAll("+", " ");
  return `${name.replaceAll(/[^\w.[\]%-]/g, encodedSign)}=${text.slice(end + 1)}`;
}

function encodedSign(sign: string): string {
  return `%${Buffer.from(sign, "latin1").toString("hex")}`;
}

/** The headers and the body of a report by GET, as a form. Node gives the bytes of a target as Latin-1. */
export function bodyByGet(form: string): { contentType: string; body: Buffer } {
  return { contentType: "application/x-www-form-urlencoded", body: Buffer.from(form, "latin1") };
}
