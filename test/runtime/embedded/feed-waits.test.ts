import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, serve } from "@gatepost/embedded";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { noon, upsert } from "../../contract/samples.ts";
import { openedByTests, temporaryDataFolder } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();

const page = z.object({
  events: z.array(z.looseObject({ id: z.string() })),
  news: z.array(z.looseObject({ kind: z.string() })),
  next: z.string(),
});

/** A server with a key that reads, and a request that waits at the end of its feed. */
async function start() {
  const { runtime } = await openRuntimeHere({ clock: () => noon });
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  closers.push(() => served.close());
  const makeKey = async (bounds: object = {}) => {
    const token = newToken("read");
    const { id } = await runtime.reads.keyAdmin.create({
      scope: "read",
      box: null,
      tokenHash: hashToken(token),
      ...bounds,
    });
    return { id, token };
  };
  const get = (token: string, query: string, signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${served.port}/v1/events?order=received&${query}`, {
      headers: { authorization: `Bearer ${token}` },
      ...(signal === undefined ? {} : { signal }),
    });
  const read = async (answer: Response) => page.parse(await answer.json());
  const endOf = async (token: string) => (await read(await get(token, "after=end"))).next;
  const waiting = (count: number) => expect.poll(() => runtime.feedWaits.size, { timeout: 30_000 }).toBe(count);
  const write = (event: string, overrides = {}) => runtime.ingest.index.upsert(upsert(event, overrides));
  return { runtime, served, makeKey, get, read, endOf, waiting, write };
}

describe("a request that waits for a change", () => {
  it("is answered with the first change, or the first news", async () => {
    const { runtime, makeKey, get, read, endOf, waiting, write } = await start();
    const { token } = await makeKey();
    const after = await endOf(token);
    const first = get(token, `after=${after}&wait=25`);
    await waiting(1);
    await write("a");
    const { events, next } = await read(await first);
    expect(events.map(({ id }) => id)).toEqual([upsert("a").eventId]);
    const second = get(token, `after=${next}&wait=25`);
    await waiting(1);
    await runtime.reads.seen.mark(upsert("a").eventId, { id: "acc_1", name: "Ada" });
    expect((await read(await second)).news).toMatchObject([{ kind: "acknowledged", by: { name: "Ada" } }]);
    await waiting(0);
  });

  it("is answered at once if something is new already", async () => {
    const { makeKey, get, read, endOf, write } = await start();
    const { token } = await makeKey();
    const after = await endOf(token);
    await write("a");
    expect((await read(await get(token, `after=${after}&wait=25`))).events).toHaveLength(1);
  });

  it("keeps waiting while changes are of boxes that its key does not see", async () => {
    const { makeKey, get, read, endOf, waiting, write } = await start();
    const { token } = await makeKey({ boxes: ["gate-2"] });
    const answer = get(token, `after=${await endOf(token)}&wait=25`);
    await waiting(1);
    await write("theirs");
    await write("own", { box: "gate-2" });
    expect((await read(await answer)).events).toMatchObject([{ id: upsert("own").eventId }]);
  });

  it("is answered without anything new when its seconds are over", async () => {
    const { makeKey, get, read, endOf } = await start();
    const { token } = await makeKey();
    const after = await endOf(token);
    expect(await read(await get(token, `after=${after}&wait=1`))).toEqual({ events: [], news: [], next: after });
  });

  it("is answered when the counts change, if it asked for them", async () => {
    const { runtime, makeKey, get, read, waiting } = await start();
    const { token } = await makeKey();
    const { next, news } = await read(await get(token, "after=end&with=counts"));
    expect(news).toMatchObject([{ kind: "counts", counts: { problems: 0 } }]);
    let problems = 0;
    const counts = await runtime.reads.feedCounts.read(null);
    runtime.reads.feedCounts.read = async () => ({ ...counts, problems });
    const answer = get(token, `after=${next}&wait=25&with=counts`);
    await waiting(1);
    problems = 1;
    expect((await read(await answer)).news).toMatchObject([{ kind: "counts", counts: { problems: 1 } }]);
  });

  it("is freed at once when its client is gone", async () => {
    const { makeKey, get, endOf, waiting } = await start();
    const { token } = await makeKey();
    const gone = new AbortController();
    const answer = get(token, `after=${await endOf(token)}&wait=25`, gone.signal).catch((error: Error) => error.name);
    await waiting(1);
    gone.abort();
    expect(await answer).toBe("AbortError");
    await waiting(0);
  });

  it("is answered when the server ends", async () => {
    const { served, makeKey, get, read, endOf, waiting } = await start();
    const { token } = await makeKey();
    const answer = get(token, `after=${await endOf(token)}&wait=25`);
    await waiting(1);
    await served.close();
    expect(await read(await answer)).toMatchObject({ events: [], news: [] });
  });

  it("gets nothing after its key was revoked", async () => {
    const { runtime, makeKey, get, endOf, waiting, write } = await start();
    const { id, token } = await makeKey();
    const answer = get(token, `after=${await endOf(token)}&wait=25`);
    await waiting(1);
    await runtime.reads.keyAdmin.revoke(id);
    await write("a");
    expect((await answer).status).toBe(401);
    await waiting(0);
  });

  it("is one of a thousand, which all get a change, and share its reading", async () => {
    const { runtime, makeKey, get, read, waiting, write } = await start();
    const tokens = await Promise.all(Array.from({ length: 10 }, async () => (await makeKey()).token));
    const after = (await read(await get(tokens[0] ?? "", "after=end"))).next;
    const answers = tokens.flatMap((token) =>
      Array.from({ length: 100 }, () => get(token, `after=${after}&wait=25`).then(read)),
    );
    await waiting(1000);
    const feed = runtime.reads.feed.read;
    let reads = 0;
    runtime.reads.feed.read = (...asked) => {
      reads += 1;
      return feed(...asked);
    };
    await write("a");
    const ids = (await Promise.all(answers)).map(({ events }) => events.map(({ id }) => id));
    expect(new Set(ids.flat())).toEqual(new Set([upsert("a").eventId]));
    expect(ids).toHaveLength(1000);
    expect(reads).toBeLessThan(100);
    await waiting(0);
  });
});

describe("a reader of the feed", () => {
  it("is told that news was missed after a restart", async () => {
    const folder = await temporaryDataFolder();
    closers.push(() => folder.remove());
    const open = () => openRuntime({ data: folder.path, log: { info() {}, warn() {}, error() {} } });
    const first = await open();
    await first.ingest.index.upsert(upsert("a"));
    const { next: before } = await first.reads.feed.read(null, 10);
    await first.close();
    const second = await open();
    closers.push(() => second.close());
    const { items, news, next } = await second.reads.feed.read(before, 10);
    expect(items).toEqual([]);
    expect(news.map(({ told }) => told)).toEqual([{ kind: "missed" }]);
    expect((await second.reads.feed.read(next, 10)).news).toEqual([]);
  });
});
