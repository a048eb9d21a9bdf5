import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { BoxApi } from "../../../packages/bridge/src/se5/box-api.ts";
import { familyOf } from "../../../packages/bridge/src/se5/family.ts";
import { fillGap } from "../../../packages/bridge/src/se5/gap.ts";
import { fetchHistory } from "../../../packages/bridge/src/se5/history.ts";
import { RegisteredPictures } from "../../../packages/bridge/src/se5/registered-pictures.ts";
import type { SpooledRequest } from "../../../packages/bridge/src/spool/request.ts";
import type { Spool } from "../../../packages/bridge/src/spool/spool.ts";
import { listen } from "../../standins/listen.ts";
import { atEnd, receiver, temporary, until } from "../../unit/simulator/support.ts";
import { reportOf, running, se5Of, spoolIn } from "./support.ts";

const now = Date.UTC(2027, 0, 1);
const day = 24 * 60 * 60_000;
const perPage = 50;

interface Memory {
  /** What each event has beside its time. */
  info?(at: number): string;
  maxOnPage?: number;
  whileItWaits?(spool: Spool): Promise<void>;
}

/** An SE5 of V5 with a memory of events at these times (ms), and a bridge's spool for it. */
async function remembering(times: readonly number[], { info, maxOnPage = perPage, whileItWaits }: Memory = {}) {
  const asked: string[] = [];
  const { url, close } = await listen(({ url: path = "" }, response) => {
    const { pathname, searchParams } = new URL(path, "http://box");
    if (pathname.endsWith("/Devices")) return void response.end('{"data":{"devices_list":[]}}');
    asked.push(path);
    const number = (name: string) => Number(searchParams.get(name));
    const found = times.filter((at) => at >= number("datetime_gte") * 1000 && at <= number("datetime_lte") * 1000);
    const [index, size] = [number("page"), Math.min(number("per_page"), maxOnPage)];
    const data = found
      .slice(index * size, (index + 1) * size)
      .map((at) => ({ _id: `${at}`, timestamp: at / 1000, info: info?.(at) }));
    response.end(JSON.stringify({ data, pagination: { page: index, per_page: size, total_count: found.length } }));
  });
  atEnd(close);
  const spool = await spoolIn(await temporary());
  const api = new BoxApi("127.0.0.1", Number(new URL(url).port));
  const { signal } = new AbortController();
  const family = await familyOf(api, signal);
  const clock = { now: () => now, sleep: async () => whileItWaits?.(spool) };
  const taken: number[] = [];
  const filling = (take: () => void = () => {}) =>
    fillGap(
      spool.seenEvents.resumeMark("lobby") ?? 0,
      {
        box: "lobby",
        api,
        registered: new RegisteredPictures(api),
        family,
        spool,
        clock,
        settle: 0,
        take: async (report: SpooledRequest, seen) => {
          take();
          await spool.append({ ...report, body: Buffer.from("{}") }, seen);
          if (seen !== null) taken.push(seen.at);
        },
      },
      signal,
    );
  return { spool, asked, taken, filling };
}

it.each([
  ["few events, one in three hours", 200, day / 8],
  ["many events, one a second", 1500, 1000],
])("a mark that is wrong by 27 years costs some requests, with %s", async (_, count, every) => {
  const times = Array.from({ length: count }, (_, index) => now - (count - index) * every);
  const { spool, asked, taken, filling } = await remembering(times);
  await spool.setResumeMark("lobby", now - 27 * 365 * day);
  expect(await filling()).toEqual({ taken: count, latest: times.at(-1) });
  expect(taken).toEqual(times);
  expect(asked.length).toBeLessThan(count / perPage + 400);
});

it("a box with smaller pages than requested is read to the end", async () => {
  const times = Array.from({ length: 70 }, (_, index) => now - (index + 1) * 1000).reverse();
  const { filling, taken } = await remembering(times, { maxOnPage: 20 });
  await filling();
  expect(taken).toEqual(times);
});

it("a V6 with smaller pages (`page_limit`) is read to the end", async () => {
  const bodies: { page_limit: number; page_index: number }[] = [];
  const box = await listen(async (request, response) => {
    const asked = JSON.parse(await text(request));
    bodies.push(asked);
    const events = Array.from({ length: asked.page_index === 3 ? 5 : 10 }, (_, index) => ({
      event_id: `${asked.page_index} ${index}`,
      timestamp: 1e9 + index,
    }));
    response.end(JSON.stringify({ events, pagination: { page_index: asked.page_index, page_limit: 10 } }));
  });
  atEnd(box.close);
  const api = new BoxApi("127.0.0.1", Number(new URL(box.url).port));
  const family = { name: "V6", devices: async () => [], configuration: () => ({}) } as const;
  const { signal } = new AbortController();
  expect(await fetchHistory(api, family, { from: 0, to: now }, signal)).toHaveLength(35);
  expect(bodies).toHaveLength(4);
});

it("an interrupted read of a gap continues, and takes no event twice", async () => {
  const times = Array.from({ length: 600 }, (_, index) => now - 10 * day + index * 20_000);
  const { spool, taken, filling } = await remembering(times);
  await spool.setResumeMark("lobby", now - 10 * day);
  let left = 400;
  await expect(
    filling(() => {
      left -= 1;
      if (left < 0) throw new Error("cut");
    }),
  ).rejects.toThrow("cut");
  const mark = spool.seenEvents.resumeMark("lobby") ?? 0;
  expect(mark).toBeGreaterThan(now - 10 * day);
  expect(mark).toBeLessThanOrEqual(taken.at(-1) ?? 0);
  await filling();
  expect(taken).toEqual(times);
});

it("an interrupted read of a gap never moves its resume mark back", async () => {
  const mark = now - 10 * day;
  const { spool, filling } = await remembering([mark - 30_000, now - day]);
  await spool.setResumeMark("lobby", mark);
  let left = 1;
  const cut = () => {
    if (left-- === 0) throw new Error("cut");
  };
  await expect(filling(cut)).rejects.toThrow("cut");
  expect(spool.seenEvents.resumeMark("lobby")).toBe(mark);
});

it("an event up to a minute before the resume mark is taken, too", async () => {
  const { spool, taken, filling } = await remembering([now - 61_000, now - 59_000, now - 1000]);
  await spool.setResumeMark("lobby", now);
  await filling();
  expect(taken).toEqual([now - 59_000, now - 1000]);
});

it("an event pushed during the read is not taken twice", async () => {
  const pushed = { at: now - 1000, device: "", person: "", isResumeMark: false };
  const { taken, filling } = await remembering([now - 5000, now - 1000], {
    whileItWaits: (spool) => spool.append(reportOf("lobby"), pushed),
  });
  await filling();
  expect(taken).toEqual([now - 5000]);
});

it("a box that gives the same page for ever is not read for ever", async () => {
  const times = Array.from({ length: perPage }, (_, index) => now - index);
  let pages = 0;
  const box = await listen(({ url = "" }, response) => {
    const isDevices = url.endsWith("/Devices");
    if (!isDevices) pages += 1;
    const data = isDevices ? { devices_list: [] } : times.map((at) => ({ _id: `${at}`, timestamp: at / 1000 }));
    response.end(JSON.stringify({ data }));
  });
  atEnd(box.close);
  const api = new BoxApi("127.0.0.1", Number(new URL(box.url).port));
  const { signal } = new AbortController();
  const family = await familyOf(api, signal);
  expect(await fetchHistory(api, family, { from: 0, to: now }, signal)).toHaveLength(perPage);
  expect(pages).toBe(2);
});

it("a box with endless events is an error before they fill the memory", async () => {
  let pages = 0;
  const info = "x".repeat(100_000);
  const box = await listen((_, response) => {
    pages += 1;
    const data = Array.from({ length: perPage }, (_, index) => ({ _id: `${pages} ${index}`, timestamp: 1e9, info }));
    response.end(JSON.stringify({ data }));
  });
  atEnd(box.close);
  const api = new BoxApi("127.0.0.1", Number(new URL(box.url).port));
  const { signal } = new AbortController();
  const family = { name: "V5", devices: async () => [], configuration: () => ({}) } as const;
  await expect(fetchHistory(api, family, { from: 0, to: now }, signal)).rejects.toThrow(
    "the box gives events without end, 1000 for one span",
  );
  expect(pages).toBe(20);
});

it("a stored event from the future is taken, but never the resume mark", async () => {
  const { filling, taken } = await remembering([now - 5000, now + 400 * day]);
  expect(await filling()).toEqual({ taken: 2, latest: now - 5000 });
  expect(taken).toHaveLength(2);
});

it("events of a fast clock are read in steps if they exceed the memory", async () => {
  const large = Array.from({ length: 530 }, (_, index) => now + index * 3000);
  const small = Array.from({ length: 100 }, (_, index) => now + 30 * day + index * 1000);
  const info = (at: number) => (at < now + day ? "x".repeat(200_000) : "");
  const { spool, asked, filling, taken } = await remembering([...large, ...small], { info });
  await spool.setResumeMark("lobby", now);
  expect((await filling()).taken).toBe(630);
  expect(taken).toEqual([...large, ...small]);
  expect(asked.length).toBeLessThan(100);
});

it.each([
  ["old", -20 * 365 * day],
  ["future", 400 * day],
])("a push with a wrong, %s time does not move the resume mark", async (_, wrong) => {
  const cloud = await receiver();
  const { se5, site, address } = await se5Of("lobby");
  const { folder, status } = await running({ cloud: cloud.url, boxes: { lobby: address } });
  const spool = await spoolIn(folder);
  await until(() => se5.live.listeners === 1);
  let last = 0;
  await until(() => {
    const passing = site.next();
    last = passing.at;
    se5.passes(passing);
    return Math.abs((spool.seenEvents.resumeMark("lobby") ?? 0) - last) < 1000;
  });
  const heard = cloud.heard.length;
  se5.passes({ ...site.next(), at: last + wrong });
  await until(() => cloud.heard.length > heard && status().boxes[0]?.waiting === 0);
  expect(Math.abs((spool.seenEvents.resumeMark("lobby") ?? 0) - last)).toBeLessThan(day);
});
