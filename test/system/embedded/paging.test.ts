import { client } from "@gatepost/client";
import { hashToken, newToken } from "@gatepost/core/keys";
import { serve } from "@gatepost/embedded";
import { expect, it } from "vitest";
import { noon, report, upsert } from "../../contract/samples.ts";
import { temporaryRuntime } from "../../runtime/embedded/temporary.ts";
import { history } from "../../support/reports.ts";
import { isLong } from "../../support/seeded.ts";

const events = isLong ? 100_000 : 4000;
const limit = isLong ? 500 : 100;
const timeout = 300_000;

async function filled() {
  const { runtime, close } = await temporaryRuntime();
  const write = (n: number) => {
    const entry = upsert(`${n}`, { expiresAt: Date.now() + 1e9, now: Date.now() });
    // Ten at a time have the same time: a page may end between them.
    return runtime.ingest.index.upsert({ ...entry, report: report({ time: noon - Math.floor(n / 10) }) });
  };
  for (let done = 0; done < events; done += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, n) => write(done + n)));
  }
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const token = newToken("ingest");
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const url = `http://127.0.0.1:${served.port}`;
  const sent: Promise<number>[] = [];
  /** 50 reports a second, some of them of passings before all others, some after. */
  const sending = setInterval(() => {
    const n = sent.length;
    const timestamp = n % 2 === 0 ? noon - 1e9 - n : noon + n;
    const body = JSON.stringify(history({ timestamp, identity_id: `late ${n}` }));
    sent.push(fetch(`${url}/${token}/HistoryEvent`, { method: "POST", body }).then(({ status }) => status));
  }, 20);
  return {
    gatepost: client({ url, token: runtime.adminToken }),
    async close() {
      clearInterval(sending);
      expect(new Set(await Promise.all(sent))).toEqual(new Set([200]));
      await served.close();
      await close();
    },
  };
}

it(`paging through ${events} events while 50 reports/s arrive misses none and repeats none`, { timeout }, async () => {
  const deps = await filled();
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.gatepost.events({ limit, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...page.events.map(({ id }) => id));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  await deps.close();
  const unique = new Set(seen);
  expect(unique.size).toBe(seen.length);
  for (let n = 0; n < events; n++) if (!unique.has(upsert(`${n}`).eventId)) expect.fail(`event ${n} was missed`);
});

it("two complete reads of the feed under load return every event", { timeout }, async () => {
  const deps = await filled();
  const read = async (after?: string) => {
    const ids = new Set<string>();
    for (let place = after; ; ) {
      const page = await deps.gatepost.changes(place, limit);
      for (const { id } of page.events) ids.add(id);
      place = page.next;
      if (!page.more) return { ids, next: page.next };
    }
  };
  const [first, second] = [await read(), await read()];
  for (const { ids } of [first, second]) {
    for (let n = 0; n < events; n++) if (!ids.has(upsert(`${n}`).eventId)) expect.fail(`event ${n} was missed`);
  }
  for (const id of (await read(first.next)).ids) first.ids.add(id);
  expect([...second.ids].filter((id) => !first.ids.has(id))).toEqual([]);
  await deps.close();
});
