import { actionId, isWantAction, parseActionId, requestedAction } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { history, realtime, stranger, understood } from "../../support/reports.ts";

const wanted = (body: ReturnType<typeof history>) => requestedAction(understood(body).report);
const tooPoor = { box_fiqa_info: { fiqa_result: false } };

it.each(["0", "1003", "", "register-stranger", "constructor", "toString"])(
  "does not take %j for an action",
  (value) => {
    expect(isWantAction(value)).toBe(false);
  },
);

describe("the action of a report", () => {
  it("is the registration of a stranger for 1001", () => {
    expect(wanted(fixture("history-nested", "register-stranger"))).toEqual({
      wantAction: "1001",
      name: "register-stranger",
      state: "pending",
      reason: null,
    });
  });

  it("is the update of the base photo for 1002", () => {
    expect(wanted(fixture("history-nested", "update-photo"))).toEqual({
      wantAction: "1002",
      name: "update-photo",
      state: "pending",
      reason: null,
    });
  });

  it("is read from a number too, and with white space around it", () => {
    expect(wanted(stranger({ want_action: " 1001\n" }))?.name).toBe("register-stranger");
    expect(wanted(stranger({ want_action: 1001 }))?.name).toBe("register-stranger");
  });

  it("is withheld for a stranger whose picture is too poor", () => {
    expect(wanted(fixture("history-nested", "register-stranger-too-poor"))).toEqual({
      wantAction: "1001",
      name: "register-stranger",
      state: "withheld",
      reason: "fiqa_result is false",
    });
  });

  it("is not withheld for a known person whose picture is too poor", () => {
    expect(wanted(history({ want_action: "1001" }, tooPoor))?.state).toBe("pending");
  });

  it("is not withheld for a stranger by name alone", () => {
    expect(wanted(history({ want_action: "1001", identity_name: "stranger" }, tooPoor))?.state).toBe("pending");
  });

  it.each([
    ["missing", {}],
    ["empty", { box_fiqa_info: {} }],
    ["silent", { box_fiqa_info: { fiqa_result: null } }],
  ])("is not withheld for a stranger whose fiqa is %s", (_, ext) => {
    expect(wanted(stranger({ want_action: "1001" }, ext))?.state).toBe("pending");
  });

  it("is not withheld if it is the update of a photo", () => {
    expect(wanted(stranger({ want_action: "1002" }, tooPoor))?.state).toBe("pending");
  });

  it("is null for 0, an unknown value or no value", () => {
    expect(wanted(history({ want_action: "0" }))).toBeNull();
    expect(wanted(history({ want_action: "1003" }))).toBeNull();
    expect(wanted(realtime())).toBeNull();
  });
});

describe("the id of an action", () => {
  const eventId = "evt_ztd8k7bcrtmk40hb8sxp3ve9d4";

  it("consists of the id of the event and the wanted action", () => {
    expect(actionId(eventId, "1002")).toBe("act_ztd8k7bcrtmk40hb8sxp3ve9d4_1002");
  });

  it("contains its event and the wanted action", () => {
    expect(parseActionId("act_ztd8k7bcrtmk40hb8sxp3ve9d4_1001")).toEqual({ eventId, wantAction: "1001" });
  });

  it.each([
    "",
    "act_nonsense",
    eventId,
    "act_ztd8k7bcrtmk40hb8sxp3ve9d4_1003",
    "act_ztd8k7bcrtmk40hb8sxp3ve9d4_1001 ",
    "act_ztd8k7bcrtmk40hb8sxp3ve9d_1001",
  ])("is not read from %j", (id) => {
    expect(parseActionId(id)).toBeNull();
  });
});
