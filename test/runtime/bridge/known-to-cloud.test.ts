import { knownToCloud, ReadError } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { listen } from "../../standins/listen.ts";
import { atEnd } from "../../unit/simulator/support.ts";

const { signal } = new AbortController();
const span = { from: 1000, to: 2000 };

/** A cloud that answers one request after the other, and what it was asked. */
async function answering(...answers: readonly [status: number, body: string][]) {
  const asked: { path: string; query: Record<string, string>; authorization: string | undefined }[] = [];
  const { url, close } = await listen(({ url: path = "", headers: { authorization } }, response) => {
    const { pathname, searchParams } = new URL(path, "http://cloud");
    const [status, body] = answers[asked.length] ?? [500, ""];
    asked.push({ path: pathname, query: Object.fromEntries(searchParams), authorization });
    response.writeHead(status).end(body);
  });
  atEnd(close);
  const known = () => knownToCloud({ url: `${url}/`, token: "gpr_key", box: "lobby" }, span, signal);
  return { asked, known };
}

function pageOf(next: string | null, ...events: readonly [at: number, id: string | null, type: string][]) {
  const listed = events.map(([timestamp, id, type]) => ({ timestamp, device: { id }, person: { id, type } }));
  return JSON.stringify({ events: listed, next });
}

describe("the cloud's events of a span", () => {
  it("are read page by page, including the last ms of the span", async () => {
    const pages = [pageOf("2", [1000, "a", "employee"]), pageOf("3", [1500, "b", "vip"]), pageOf(null)] as const;
    const { asked, known } = await answering(...pages.map((page) => [200, page] as [number, string]));
    expect((await known()).map(({ at }) => at)).toEqual([1000, 1500]);
    // The cloud takes `to` as the first ms after the span.
    const query = { box: "lobby", from: "1000", to: "2001", limit: "500" };
    const one = { path: "/v1/events", authorization: "Bearer gpr_key" };
    expect(asked).toEqual([
      { ...one, query },
      { ...one, query: { ...query, cursor: "2" } },
      { ...one, query: { ...query, cursor: "3" } },
    ]);
  });

  it("have no ids of strangers, which differ in the memory of the box", async () => {
    const { known } = await answering([
      200,
      pageOf(null, [1, "x", "stranger"], [2, "y", "vip"], [3, null, "employee"]),
    ]);
    expect(await known()).toEqual([
      { at: 1, device: "x", person: "" },
      { at: 2, device: "y", person: "y" },
      { at: 3, device: "", person: "" },
    ]);
  });
});

it.each([
  [401, "{}", "the cloud answers 401; is the read key right?"],
  [503, pageOf(null), "the cloud answers 503"],
  [200, "<html>", "the cloud cannot be asked what it has"],
  [200, '{"events":7}', "the cloud cannot be asked what it has"],
])("a cloud that answers %i and %s does not count as one that has nothing", async (status, body, why) => {
  const { known } = await answering([status, body]);
  const failure = await known().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ReadError);
  expect(String(failure)).toContain(why);
});
