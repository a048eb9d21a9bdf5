import type { EventAction, FaceEvent, PictureKind } from "@gatepost/protocol";
import type { EventFilter, KeyListing } from "@gatepost/query";

export type EventQuery = Omit<EventFilter, "from" | "to"> & { from?: string | number; to?: string | number } & Paging;
type Paging = { limit?: number; cursor?: string };
type Page<Name extends string, Item> = { [N in Name]: Item[] } & { next: string | null };
type Action = EventAction & { eventId: string; box: string };
type NewKey = Pick<KeyListing, "id" | "scope" | "box"> & { token: string };

/** The API of a Gatepost, typed. A refusal is thrown: an Error that says what to do, with its `status`. */
export function client({ url = "", token, fetch = globalThis.fetch }: { url?: string; token: string; fetch?: Fetch }) {
  const send = async (method: string, path: string, query: object = {}, body?: object) => {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, `${value}`);
    const content = body === undefined ? null : JSON.stringify(body);
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}${path}?${asked}`, { method, headers, body: content });
    if (answer.ok) return answer;
    const { detail = answer.statusText } = (await answer.json().catch(() => ({}))) as { detail?: string };
    throw Object.assign(new Error(detail), { status: answer.status });
  };
  const ask = async <Answer>(...asked: Parameters<typeof send>) => (await send(...asked)).json() as Promise<Answer>;
  const at = (id: string) => encodeURIComponent(id);
  return {
    events: (query: EventQuery = {}) => ask<Page<"events", FaceEvent>>("GET", "/v1/events", query),
    changes: (after?: string, limit?: number) =>
      ask<Page<"events", FaceEvent> & { next: string; more: boolean }>("GET", "/v1/events", {
        order: "received",
        after,
        limit,
      }),
    event: (id: string) => ask<FaceEvent>("GET", `/v1/events/${at(id)}`),
    eraseEvent: (id: string) => send("DELETE", `/v1/events/${at(id)}`),
    erasePerson: (whom: { id: string; box: string } | { id: string; all: 1 }) =>
      ask<{ erased: number }>("DELETE", "/v1/people", whom),
    picture: async (id: string, kind: PictureKind) =>
      (await send("GET", `/v1/events/${at(id)}/pictures/${kind}`)).blob(),
    actions: (query: Paging & { state?: Action["state"] } = {}) =>
      ask<Page<"actions", Action>>("GET", "/v1/actions", query),
    settle: (id: string, state: "done" | "failed", note: string | null = null) =>
      ask<Action>("POST", `/v1/actions/${at(id)}`, {}, { state, note }),
    keys: () => ask<{ keys: KeyListing[] }>("GET", "/v1/keys"),
    createKey: (key: { scope: KeyListing["scope"]; box?: string }) => ask<NewKey>("POST", "/v1/keys", {}, key),
    revokeKey: (id: string) => send("DELETE", `/v1/keys/${at(id)}`),
    ticket: () => ask<{ ticket: string; expires: string }>("POST", "/v1/tickets"),
  };
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;
