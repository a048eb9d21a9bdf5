import { GatepostError, refusal } from "@gatepost/core/errors";
import { newToken } from "@gatepost/core/keys";
import { eventTypeAt } from "@gatepost/core/paths";
import { receiver } from "@gatepost/receive";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { eventFixtures, fixture, fixtures } from "../../support/fixtures.ts";
import { boxRequest, type Sent, send, success } from "../../support/http.ts";
import { type FailingPort, MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon, stranger } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const post = (body: unknown, sent: Sent = {}) => send(deps, { path: `/${token}/HistoryEvent`, body, ...sent });
const refused = (status: number, message = expect.any(String)) => ({
  status,
  headers: expect.objectContaining({ "content-type": "application/json" }),
  body: expect.toSatisfy((body: string) => {
    expect(JSON.parse(body)).toEqual({ message, status });
    return true;
  }),
});

describe("a report", () => {
  it.each(fixtures())("is acknowledged byte for byte: %s, %s", async (dialect, name) => {
    expect(await post(fixture(dialect, name))).toEqual(success);
  });

  it.each(eventFixtures())("becomes one event: %s, %s", async (dialect, name) => {
    await post(fixture(dialect, name));
    expect(deps.events()).toHaveLength(1);
  });

  it.each(["/", "/HistoryEvent", "/EventServer/api/HistoryEvent", "/any/other/path", "//HistoryEvent,/"])(
    "is taken on the path %j behind the key",
    async (path) => {
      expect(await post(history(), { path: `/${token}${path}` })).toEqual(success);
      expect(deps.events()).toHaveLength(1);
    },
  );

  it("is acknowledged and kept if it is not understood", async () => {
    expect(await post("garbage")).toEqual(success);
    expect(deps.reasons()).toEqual(["not-json"]);
  });

  it("is acknowledged and kept if it is empty", async () => {
    expect(await post("")).toEqual(success);
    expect(await post(undefined)).toEqual(success);
    expect(deps.reasons()).toEqual(["empty-body"]);
  });
});

describe("a request that delivers nothing", () => {
  it.each(["GET", "HEAD"])("is told to POST instead of %s", async (method) => {
    expect(await send(deps, { method, path: `/${token}/HistoryEvent` })).toEqual({
      status: 200,
      headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
      body: "This key works. Deliver reports to this URL with POST.\n",
    });
  });

  it.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("by %s is refused with 405", async (method) => {
    expect(await post(history(), { method })).toEqual(refused(405, "deliver reports with POST"));
    expect(deps.events()).toEqual([]);
  });

  it("by GET without a key is refused with 401", async () => {
    expect(await send(deps, { method: "GET", path: "/" })).toEqual(refused(401));
  });
});

describe("a request without the right key", () => {
  it("is refused with 401, and nothing is stored", async () => {
    expect(await post(history({ reg_pic: photo("r") }), { path: `/${newToken("ingest")}/HistoryEvent` })).toEqual(
      refused(401),
    );
    expect([deps.events(), deps.reasons(), deps.storedPictures()]).toEqual([[], [], []]);
  });

  it("is refused with 403 for a key that may only read", async () => {
    expect(await post(history(), { path: `/${deps.addKey("read", null)}/HistoryEvent` })).toEqual(refused(403));
    expect(deps.events()).toEqual([]);
  });

  it("is told when to try again after too many failures", async () => {
    for (let i = 0; i < 30; i++) await send(deps, { path: "/guess" });
    expect(await send(deps, { path: "/guess" })).toEqual({
      ...refused(429),
      headers: { "content-type": "application/json", "retry-after": "60" },
    });
  });
});

describe("a store that fails", () => {
  const body = stranger({ want_action: "1001" }, { recognize_face: photo("f"), spot_pic: "broken" });
  const unstored = {
    status: 503,
    headers: { "content-type": "application/json", "retry-after": "5" },
    body: '{"message":"nothing could be stored, send it again","status":503}',
  };

  const notAll = { ...unstored, body: '{"message":"not all could be stored; send it again","status":503}' };

  it.each<FailingPort>(["keys", "pictures", "index"])("refuses the report with 503: %s", async (port) => {
    deps.failing.set(port, new Error("disk full"));
    expect(await post(body)).toEqual(unstored);
  });

  it("says that not all is stored of a report that cannot be kept", async () => {
    deps.failing.set("quarantine", new Error("disk full"));
    expect(await post(body)).toEqual(notAll);
    expect(deps.events()).toHaveLength(1);
  });

  it.each<FailingPort>(["keys", "pictures", "index", "quarantine"])(
    "is logged once with its cause: %s",
    async (port) => {
      const cause = new Error("disk full");
      deps.failing.set(port, cause);
      await post(body);
      expect(deps.lines.filter(({ level }) => level === "error")).toEqual([
        { level: "error", message: "report not stored", facts: { cause } },
      ]);
    },
  );

  it.each<FailingPort>(["keys", "pictures", "index"])("leaves no event and no record: %s", async (port) => {
    deps.failing.set(port, new Error("disk full"));
    await post(body);
    expect([deps.events(), deps.reasons()]).toEqual([[], []]);
  });

  it.each<FailingPort>(["keys", "pictures", "index", "quarantine"])(
    "loses no report once it works again: %s",
    async (port) => {
      deps.failing.set(port, new Error("disk full"));
      await post(body);
      deps.failing.clear();
      expect(await post(body)).toEqual(success);
      expect(deps.events()).toHaveLength(1);
      expect(deps.reasons()).toEqual(["picture"]);
    },
  );

  it("refuses an unreadable report if quarantine fails", async () => {
    deps.failing.set("quarantine", new Error("disk full"));
    expect(await post("garbage")).toEqual(unstored);
  });

  it("refuses the whole batch if it fails in the middle", async () => {
    deps.failing.set("quarantine", new Error("disk full"));
    expect(await post([history(), "garbage"])).toEqual(notAll);
    expect(deps.events()).toHaveLength(1);
  });

  it("tells whether a part of a batch is stored, also if it was before", async () => {
    const batch = Array.from({ length: 200 }, (_, n) => history({ timestamp: noon + n }));
    const { upsert } = deps.index;
    let calls = 0;
    deps.index.upsert = async (entry) => {
      calls += 1;
      if (calls % 200 === 0) throw new Error("throttled");
      return upsert(entry);
    };
    expect(await post(batch)).toEqual(notAll);
    expect(await post(batch)).toEqual(notAll);
    deps.index.upsert = () => Promise.reject(new Error("throttled"));
    expect(await post(batch)).toEqual(unstored);
  });

  it("tells that a status was stored, and not the report beside it", async () => {
    deps.failing.set("index", new Error("disk full"));
    expect(await post([fixture("status", "complete"), history()])).toEqual(notAll);
  });

  it.each<FailingPort>(["bus", "actions"])("does not affect the box: %s", async (port) => {
    deps.failing.set(port, new Error("no bus"));
    expect(await post(body)).toEqual(success);
    expect(deps.events()[0]?.actions[0]?.state).toBe("pending");
  });
});

describe("a refusal", () => {
  it("is logged as a warning if the sender caused it", async () => {
    await send(deps, { path: "/guess" });
    const facts = { kind: "wrong-key", from: "198.51.100.7", times: 1 };
    expect(deps.lines).toEqual([{ level: "warn", message: "refused", facts }]);
  });

  it("does not contain its cause", () => {
    const { body } = refusal(new Error("ENOSPC /var/lib/gatepost"), deps);
    expect(body).not.toContain("gatepost");
  });

  it("is logged if it has a cause", () => {
    const cause = new Error("locked");
    expect(refusal(new GatepostError("unavailable", "busy", { cause, retryAfter: 1 }), deps)).toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
    });
    expect(deps.lines).toMatchObject([{ facts: { cause } }]);
  });
});

it("looks the key up once for a request", async () => {
  const find = vi.spyOn(deps.keys, "find");
  await post(history());
  expect(find).toHaveBeenCalledOnce();
});

it("never throws, for any request", async () => {
  const broken = { ...boxRequest({}), candidates: undefined };
  expect(await receiver(deps)(JSON.parse(JSON.stringify(broken)))).toMatchObject({ status: 503 });
});

it("a report whose dialect does not belong to its path is marked", async () => {
  const [event, sign] = [history(), { sophon_heartbeat: true }];
  const posted = async (path: string, body: unknown) =>
    receiver(deps, eventTypeAt([path]))(boxRequest({ path: `/${token}/${path}`, body }));
  expect(await posted("PassRecord", event)).toMatchObject({ status: 200 });
  const other = history({ identity_id: "other" });
  expect(await posted("HistoryEvent", other)).toMatchObject({ status: 200 });
  expect(await posted("HistoryEvent", sign)).toMatchObject({ status: 200 });
  const marks = deps.events().map(async ({ id }) => (await deps.reads.events.get(id))?.reports[0]?.unexpectedAt);
  expect(new Set(await Promise.all(marks))).toEqual(new Set(["pass-record", undefined]));
});
