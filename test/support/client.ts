import { setTimeout as sleep } from "node:timers/promises";
import { eventSchema, type FaceEvent, type PictureKind } from "@gatepost/protocol";
import * as z from "zod";

const page = z.object({ events: z.array(eventSchema), next: z.string().nullable() });
const created = z.object({ id: z.string(), token: z.string() });

/** The requests of tests to a Gatepost over HTTP, on any runtime. */
export class Client {
  readonly url: string;
  readonly #admin: string;

  constructor({ url, admin }: { url: string; admin: string }) {
    this.url = url;
    this.#admin = admin;
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers: { authorization: `Bearer ${this.#admin}` }, redirect: "follow" });
  }

  post(path: string, body: unknown): Promise<Response> {
    return this.#send("POST", path, body);
  }

  delete(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`, { method: "DELETE", headers: { authorization: `Bearer ${this.#admin}` } });
  }

  #send(method: "POST" | "PATCH", path: string, body: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#admin}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }

  /** @param serials of terminals that deliver with the key without sending it */
  async createKey(box: string, serials?: readonly string[]): Promise<{ id: string; token: string }> {
    return created.parse(await (await this.post("/v1/keys", { scope: "ingest", box, serials })).json());
  }

  /** Sets the time zone of a box. Throws if that fails. */
  async setZone(box: string, zone: string): Promise<void> {
    const { status } = await this.#send("PATCH", `/v1/boxes/${box}`, { zone });
    if (status !== 200) throw new Error(`the zone of ${box} is not set: ${status}`);
  }

  /** A key that reads everything. */
  async createReadKey(): Promise<string> {
    return created.parse(await (await this.post("/v1/keys", { scope: "read" })).json()).token;
  }

  /** All events, newest first, page after page. */
  async events(filter = ""): Promise<FaceEvent[]> {
    const events: FaceEvent[] = [];
    let cursor = "";
    do {
      const found = page.parse(await this.#listed(`/v1/events?limit=200${filter}${cursor}`));
      events.push(...found.events);
      cursor = found.next === null ? "" : `&cursor=${encodeURIComponent(found.next)}`;
    } while (cursor !== "");
    return events;
  }

  /** A page of a list. Asks again for a minute while the answer is 503, as of a rehearsal on a busy machine. */
  async #listed(path: string): Promise<unknown> {
    for (let more = 60; ; more--) {
      const response = await this.get(path);
      if (response.status === 200) return response.json();
      const said = await response.text();
      if (response.status !== 503 || more === 0)
        throw new Error(`GET ${path} was answered ${response.status}: ${said}`);
      await sleep(1000);
    }
  }

  async picture(event: FaceEvent, kind: PictureKind): Promise<Buffer> {
    const response = await this.get(event.pictures[kind]?.href ?? "/nothing");
    if (response.status !== 200) throw new Error(`picture ${kind} of ${event.id}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }
}

/** A box with its own key. */
export class Box {
  readonly url: string;

  constructor(url: string, token: string) {
    this.url = `${url}/${token}`;
  }

  /**
   * Posts a body as a box does: with no header but the content type. Repeats it for a minute while the answer is 503,
   * as of a rehearsal on a busy machine.
   */
  async post(path: string, body: unknown): Promise<{ status: number; text: string }> {
    for (let more = 60; ; more--) {
      const answer = await this.postOnce(path, body);
      if (answer.status !== 503 || more === 0) return { status: answer.status, text: answer.text };
      await sleep(1000);
    }
  }

  /** `outcome` is the header for people; null if the report was not acknowledged. */
  async postOnce(path: string, body: unknown): Promise<{ status: number; text: string; outcome: string | null }> {
    const sent =
      typeof body === "string" || body instanceof Uint8Array ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body);
    const response = await fetch(`${this.url}${path}`, {
      method: "POST",
      body: sent,
      headers: { "content-type": "application/json" },
    });
    const outcome = response.headers.get("gatepost-outcome");
    return { status: response.status, text: await response.text(), outcome };
  }
}
