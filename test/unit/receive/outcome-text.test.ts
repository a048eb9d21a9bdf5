import { beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../../support/erase-person.ts";
import { fixture } from "../../support/fixtures.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { history, noon } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const outcomeOf = async (body: unknown, method = "POST") =>
  (await send(deps, { method, path: `/${token}/HistoryEvent`, body })).headers["gatepost-outcome"];
const status = fixture("status", "complete");
const recordId = () => [...deps.records.keys()].join();

describe("the header Gatepost-Outcome", () => {
  it("has the id of a stored event, also for its repeat", async () => {
    const stored = await outcomeOf(history());
    const [event] = deps.events();
    expect(stored).toBe(`stored; id=${event?.id}`);
    expect(await outcomeOf(history())).toBe(`duplicate; id=${event?.id}`);
  });

  it("calls an event stored if only its picture was unreadable", async () => {
    const outcome = await outcomeOf(history({}, { recognize_face: "/9j/..." }));
    expect(outcome).toBe(`stored; id=${deps.events()[0]?.id}`);
  });

  it("has the reason and the id of a quarantine record", async () => {
    expect(await outcomeOf("hello")).toBe(`quarantined; reason=not-json; id=${recordId()}`);
  });

  it("calls the report of an erased passing suppressed", async () => {
    await erasePerson(deps.reads.eraser, "7", "gate-1");
    expect(await outcomeOf(history({ identity_id: "7" }))).toBe("suppressed");
  });

  it("calls a box status a notice", async () => {
    expect(await outcomeOf(status)).toBe("notice");
  });

  it("counts the reports of a batch by outcome", async () => {
    await erasePerson(deps.reads.eraser, "7", "gate-1");
    const batch = [history(), history(), { nothing: "known" }, history({ identity_id: "7" }), status];
    const counts = "stored=1; duplicate=1; suppressed=1; quarantined=1; notice=1";
    expect(await outcomeOf(batch)).toBe(`batch; ${counts}`);
  });

  it("counts each report of a batch that is kept as a whole", async () => {
    const unknown = Array.from({ length: 150 }, (_, index) => ({ nothing: index }));
    expect(await outcomeOf([history({ timestamp: noon + 1 }), ...unknown])).toBe("batch; stored=1; quarantined=150");
  });

  it("is only on acknowledgements", async () => {
    expect(await outcomeOf(undefined, "GET")).toBeUndefined();
    deps.failing.set("index", new Error("disk full"));
    expect(await outcomeOf(history())).toBeUndefined();
  });
});
