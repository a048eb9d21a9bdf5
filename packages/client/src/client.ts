import { refusalOf } from "./refusal.ts";
import type { ChangesPage, ListedEvents, Operations } from "./schema.ts";

/** Every operation of the API, by method and path. */
export type Api = Operations;

/** A method and a path, as the OpenAPI document has them. */
export type Operation = keyof Api;
type Answer<Name extends Operation> = Api[Name]["answer"];

/** Optional members may also be undefined. */
type OrUndefined<Query> = {
  [Name in keyof Query]: Query extends Record<Name, Query[Name]> ? Query[Name] : Query[Name] | undefined;
};

/** What an operation is asked with. `path` fills the braces of its path. */
export interface Asking<Name extends Operation> {
  path?: Record<string, string>;
  query?: OrUndefined<Api[Name]["query"]>;
  body?: Api[Name]["body"];
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Lets the request end after its page is closed. */
  keepalive?: boolean;
}

type Paging = { limit?: number; cursor?: string };
type Times = { from?: string | number; to?: string | number };
type EventQuery = Omit<Operations["GET /v1/events"]["query"], "from" | "to" | "order" | "after" | "wait"> & Times;
/** `wait`: seconds for which the server may hold its answer. */
type FeedAsking = Pick<Operations["GET /v1/events"]["query"], "wait" | "with"> & { signal?: AbortSignal };
export interface ClientOptions {
  /** Of the server; empty for the page's own. */
  url?: string;
  /** Of a key. Without it, the requests carry no key: a page whose user signed in sends a cookie instead. */
  token?: string;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export type Client = ReturnType<typeof client>;

/**
 * The API of a Gatepost, typed. A refusal of the API is thrown as a {@link Refusal}; if no answer is received, fetch's
 * own error is thrown.
 *
 * @example
 * const gatepost = client({ url: "https://gatepost.example", token });
 * const { events, next } = await gatepost.events({ box: "gate-1", type: "vip" });
 */
export function client({
  url: address = "",
  token,
  fetch = (path, init) => globalThis.fetch(path, init),
}: ClientOptions) {
  // A path with two slashes in a row is another path.
  const url = address.replace(/\/+$/, "");
  const send = async <Name extends Operation>(name: Name, { path = {}, query, body, ...rest }: Asking<Name> = {}) => {
    const [method = "", template = ""] = name.split(" ");
    const asked = template.replaceAll(/\{(\w+)\}/g, (_, key: string) => partOf(path[key] ?? ""));
    const headers = { ...bearer(token), ...jsonType(body), ...rest.headers };
    const content = body === undefined ? null : JSON.stringify(body);
    const { signal, keepalive } = rest;
    const how = { ...(signal === undefined ? {} : { signal }), ...(keepalive === undefined ? {} : { keepalive }) };
    const answer = await fetch(`${url}${asked}${searchOf(query)}`, { method, headers, body: content, ...how });
    if (!answer.ok) throw await refusalOf(answer, `${method} ${asked}`);
    return answer;
  };
  const ask = async <Name extends Operation>(name: Name, asking?: Asking<Name>): Promise<Answer<Name>> => {
    const answer = await send(name, asking);
    return (answer.status === 204 ? undefined : await answer.json()) as Answer<Name>;
  };
  return {
    url,
    /** Asks for a document. */
    ask,
    /** The same, but gives the whole Response: for its headers, or for a body that is no JSON. */
    send,
    events: (query: EventQuery & Paging = {}) =>
      ask("GET /v1/events", { query: textTimes(query) }) as Promise<ListedEvents>,
    changes: (after?: string, limit?: number, { signal, ...rest }: FeedAsking = {}) =>
      ask("GET /v1/events", {
        query: known({ order: "received" as const, after, limit, ...rest }),
        ...known({ signal }),
      }) as Promise<ChangesPage>,
    event: (id: string) => ask("GET /v1/events/{id}", { path: { id } }),
    /** Of the ids of up to 200 events, those that are gone. */
    missing: async (ids: readonly string[], signal?: AbortSignal) =>
      (await ask("POST /v1/events/missing", { body: { ids }, ...known({ signal }) })).missing,
    eraseEvent: (id: string) => ask("DELETE /v1/events/{id}", { path: { id } }),
    erasePerson: (query: { id: string; box: string } | { id: string; all: "1" }) => ask("DELETE /v1/people", { query }),
    picture: async (id: string, kind: string): Promise<Blob> =>
      (await send("GET /v1/events/{id}/pictures/{kind}", { path: { id, kind } })).blob(),
    actions: (query: Api["GET /v1/actions"]["query"] = {}) => ask("GET /v1/actions", { query }),
    settle: (id: string, state: "done" | "failed", note: string | null = null) =>
      ask("POST /v1/actions/{id}", { path: { id }, body: { state, note } }),
    keys: () => ask("GET /v1/keys"),
    createKey: (body: Operations["POST /v1/keys"]["body"]) => ask("POST /v1/keys", { body }),
    revokeKey: (id: string) => ask("DELETE /v1/keys/{id}", { path: { id } }),
  };
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

const jsonType = (body: unknown): Record<string, string> =>
  body === undefined ? {} : { "content-type": "application/json" };

/** A part of a path. Gateways and browsers change slashes and dots in it: such a text is sent as base64url. */
function partOf(text: string): string {
  if (!/^\.|[/\\%]/.test(text)) return encodeURIComponent(text);
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return `.${btoa(bytes.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** `?` and the given parameters of a query, or nothing. A list is one parameter for each of its values. */
function searchOf(query: object = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of [value].flat()) if (item !== undefined && item !== null) search.append(name, `${item}`);
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

function textTimes({ from, to, ...rest }: EventQuery & Paging) {
  return { ...rest, ...known({ from: from?.toString(), to: to?.toString() }) };
}

/** Without the members that are undefined. */
function known<Given extends object>(given: Given) {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Given]?: Exclude<Given[Name], undefined> };
}
