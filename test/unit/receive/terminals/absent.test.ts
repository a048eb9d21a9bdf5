import { describe, expect, it } from "vitest";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { history } from "../../../support/reports.ts";

function withoutTerminals() {
  const deps = new MemoryPorts();
  delete deps.terminals;
  return { deps, token: deps.addKey() };
}

const attlog = "42\t2026-11-24 08:01:18\t0\t15\n";
const notification = { DeviceCode: "1", Seq: 9, FaceInfoList: [{ Timestamp: 1795478478 }] };
const xml =
  "<EventNotificationAlert><eventType>AccessControllerEvent</eventType><a><b>1</b></a></EventNotificationAlert>";

describe("a receiver without terminals of other makers", () => {
  it("stores reports of SophonGate", async () => {
    const { deps, token } = withoutTerminals();
    await send(deps, { path: `/${token}/HistoryEvent`, body: history() });
    expect(deps.events()).toHaveLength(1);
  });

  it.each([
    ["XML", "/event", xml, "not-json"],
    ["JSON", "/event", notification, "unknown-shape"],
    ["a list", "/event", [notification], "unknown-shape"],
    ["lines", "/iclock/cdata", attlog, "not-json"],
  ])("keeps %s of a terminal in quarantine", async (_, path, body, reason) => {
    const { deps, token } = withoutTerminals();
    expect((await send(deps, { path: `/${token}${path}`, query: "SN=1&table=ATTLOG", body })).status).toBe(200);
    expect(deps.reasons()).toEqual([reason]);
  });

  it("keeps a form of a terminal in quarantine", async () => {
    const { deps, token } = withoutTerminals();
    const part = `--b\r\nContent-Disposition: form-data; name="event_log"\r\n\r\n${JSON.stringify(notification)}\r\n--b--`;
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    await send(deps, { path: `/${token}/event`, headers, body: part });
    expect(deps.reasons()).toEqual(["unknown-shape"]);
  });

  it.each(["/iclock/cdata", "/keepalive"])("refuses %s without a key", async (path) => {
    const { deps } = withoutTerminals();
    expect(await send(deps, { method: "GET", path })).toMatchObject({ status: 401 });
  });
});
