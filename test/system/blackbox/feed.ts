import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { Box, Client } from "../../support/client.ts";
import { history, noon } from "../../support/reports.ts";
import type { Reading } from "./reading.ts";

const page = z.object({
  events: z.array(z.looseObject({ id: z.string() })),
  news: z.array(z.looseObject({ id: z.string().regex(/^nws_/), at: z.iso.datetime(), kind: z.string() })),
  next: z.string(),
  more: z.boolean(),
});
type News = z.output<typeof page>["news"][number];

const created = z.object({ id: z.string(), token: z.string() });

/** A program that only asks for the feed of changes. */
class Follower {
  readonly events: string[] = [];
  readonly news: News[] = [];
  readonly #url: string;
  readonly #token: string;
  readonly #query: string;
  #next = "end";

  constructor(url: string, token: string, query = "") {
    this.#url = url;
    this.#token = token;
    this.#query = query;
  }

  get next(): string {
    return this.#next;
  }

  async ask(query = "", signal?: AbortSignal): Promise<z.output<typeof page>> {
    const path = `/v1/events?order=received&after=${this.#next}${this.#query}${query}`;
    const headers = { authorization: `Bearer ${this.#token}` };
    const answer = await fetch(this.#url + path, { headers, ...(signal === undefined ? {} : { signal }) });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`GET ${path} was answered ${answer.status}: ${text}`);
    return page.parse(JSON.parse(text));
  }

  /** Asks once, and keeps the new part. */
  async step(query = ""): Promise<void> {
    const { events, news, next } = await this.ask(query);
    for (const { id } of events) if (!this.events.includes(id)) this.events.push(id);
    for (const one of news) if (!this.news.some(({ id }) => id === one.id)) this.news.push(one);
    this.#next = next;
  }

  /** Asks on until it has an event. */
  async untilEvent(id: string): Promise<void> {
    await expect.poll(() => this.step().then(() => this.events)).toContain(id);
  }

  /** Asks on until there is such news, some times. The feed may begin with earlier news. */
  async until(such: object, times = 1): Promise<void> {
    const found = () => this.news.filter((one) => isDeepStrictEqual({ ...one, ...such }, one));
    await expect.poll(() => this.step().then(() => found().length)).toBe(times);
  }
}

/** Programs that follow the feed of changes, on any runtime. */
export function following(runtime: string, start: () => Promise<Reading>): void {
  describe(`on ${runtime}, a program follows the feed:`, () => {
    let running: Reading;
    let client: Client;
    let readKey: string;
    const names = Array.from({ length: 2 }, () => `gate-${randomUUID().slice(0, 8)}`);
    const boxes: Box[] = [];
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      for (const name of names) boxes.push(new Box(running.url, (await client.createKey(name)).token));
      readKey = await keyOf({ scope: "read" });
    });
    afterAll(() => running.stop());

    const keyOf = async (key: object) => created.parse(await (await client.post("/v1/keys", key)).json()).token;
    const follow = async (token = readKey, query = "") => {
      const follower = new Follower(running.url, token, query);
      await follower.step();
      return follower;
    };
    const ask = (method: string, path: string, body?: object) =>
      fetch(running.url + path, {
        method,
        headers: { authorization: `Bearer ${running.admin}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    let passings = 0;
    /** A passing at one of the boxes; returns the id of its event. */
    const pass = async (at = 0, person = `p${passings}`) => {
      passings += 1;
      await boxes[at]?.post("/HistoryEvent", history({ identity_id: person, timestamp: noon + 1000 * passings }));
      const [event] = await client.events(`&box=${names[at]}&person=${person}`);
      if (event === undefined) throw new Error("the passing is not stored");
      return event.id;
    };
    const acknowledge = async (events: string[], reason: string | null = "known") =>
      z.object({ id: z.string() }).parse(await (await ask("POST", "/v1/acknowledgements", { events, reason })).json())
        .id;

    it("gets each event, and each acknowledgement that is made and taken back", async () => {
      const follower = await follow();
      const events = [await pass(), await pass()];
      for (const event of events) await follower.untilEvent(event);
      const acknowledgement = await acknowledge(events);
      const by = { name: null };
      await follower.until({ kind: "acknowledged", events, acknowledgement, reason: "known", by });
      await ask("DELETE", `/v1/acknowledgements/${acknowledgement}`);
      await follower.until({ kind: "unacknowledged", acknowledgement, events });
    });

    it("gets an event that is seen, a note and erasures", async () => {
      const follower = await follow();
      const [event, other] = [await pass(0, "left"), await pass(0, "left")];
      await ask("PUT", `/v1/events/${event}/seen`);
      const acknowledgement = event.replace("evt_", "ack_");
      await follower.until({ kind: "acknowledged", events: [event], acknowledgement, reason: null });
      await ask("POST", `/v1/events/${event}/notes`, { text: "A note." });
      await follower.until({ kind: "noted", event });
      await ask("DELETE", `/v1/events/${event}`);
      await follower.until({ kind: "erased", events: [event] });
      await ask("DELETE", `/v1/people?id=left&box=${names[0]}`);
      await follower.until({ kind: "erased", events: [other] });
    });

    it("gets the evacuation lists if it may read their people", async () => {
      await ask("PUT", "/v1/people/settings", { isOn: true, hoursDays: null });
      const site = `site-${randomUUID().slice(0, 8)}`;
      await ask("PATCH", `/v1/boxes/${names[0]}`, { site });
      const [follower, reader] = [await follow(running.admin), await follow()];
      const begun = await ask("POST", "/v1/rolls", { site, isDrill: true });
      const { id: roll } = z.object({ id: z.string() }).parse(await begun.json());
      await follower.until({ kind: "roll", roll });
      await ask("POST", `/v1/rolls/${roll}/close`);
      await follower.until({ kind: "roll", roll }, 2);
      await reader.untilEvent(await pass());
      expect(reader.news.filter(({ kind }) => kind === "roll")).toEqual([]);
    });

    it("gets its part if its key is limited to a box", async () => {
      const follower = await follow(await keyOf({ scope: "read", boxes: [names[1]] }));
      const [theirs, own] = [await pass(0), await pass(1)];
      const acknowledgement = await acknowledge([theirs, own]);
      await follower.until({ kind: "acknowledged", acknowledgement, events: [own] });
      await ask("DELETE", `/v1/events/${theirs}`);
      await ask("DELETE", `/v1/events/${own}`);
      await follower.until({ kind: "erased", events: [own] });
      expect(JSON.stringify([follower.events, follower.news])).not.toContain(theirs);
    });

    it("gets the counts if it asks for them, once until they change", async () => {
      const follower = await follow(readKey, "&with=counts");
      const found = () => follower.news.filter(({ kind }) => kind === "counts");
      expect(found()).toMatchObject([{ counts: { today: expect.any(Number), perSecond: 0, silent: 0 } }]);
      await follower.step();
      expect(found()).toHaveLength(1);
    });

    it.each([
      ["wait=26", "wait"],
      ["wait=-1", "wait"],
      ["wait=1.5", "wait"],
      ["with=seen", "with=seen"],
      ["site=hq", "site"],
    ])("is refused %s", async (query, named) => {
      const answer = await ask("GET", `/v1/events?order=received&${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain(named);
    });

    it.each(["wait=1", "with=counts", "after=end"])("has %s for itself, and not for a list", async (query) => {
      expect((await ask("GET", `/v1/events?${query}`)).status).toBe(400);
    });

    it("learns how to follow from the facts of the server", async () => {
      const { server } = z
        .object({ server: z.object({ feed: z.string() }) })
        .parse(await (await ask("GET", "/v1/me")).json());
      expect(server.feed).toBe(runtime === "one machine" ? "waits" : "polls");
    });
  });
}
