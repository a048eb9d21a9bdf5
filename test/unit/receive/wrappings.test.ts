import type { JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { omitMember, stranger } from "../../support/reports.ts";
import { wrappings } from "../../support/wrappings.ts";

const flat = fixture("history-flat", "stranger");
for (const picture of ["recognize_face", "spot_pic"]) delete flat[picture];

const faceless: [string, JsonObject][] = [
  ["nested", stranger({ group_name: "" }, { grab_fiqa_info: {}, box_fiqa_info: { fiqa_result: false, fails: [] } })],
  ["flat", { ...flat, ir_pic: null, recognize_face_attr: null }],
  ["without its time", { ...omitMember("timestamp", stranger()), door: null }],
];

describe.each(faceless)("a faceless report, %s,", (_, body) => {
  it.each(wrappings)("is one event as JSON and as $name", async ({ wrap }) => {
    const deps = new MemoryPorts();
    const token = deps.addKey();
    await send(deps, { path: `/${token}/HistoryEvent`, body });
    await send(deps, { path: `/${token}/HistoryEvent`, ...wrap(body) });
    expect(deps.events()).toHaveLength(1);
  });
});
