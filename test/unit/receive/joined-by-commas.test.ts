import { describe, expect, it } from "vitest";
import { deliver } from "../../support/ends.ts";
import { photo } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";

const report = (i: number) => history({ timestamp: noon + i }, { recognize_face: photo(`${i}`) });
const texts = [0, 1, 2].map((i) => JSON.stringify(report(i)));
const python = texts.map((text) => text.replaceAll('"', "'").replace("'identity_name':'", "'identity_name':'}{"));

describe("objects joined by commas", () => {
  it.each([
    ["on one line", texts.join(",")],
    ["with a comma after the last one", `${texts.join(",")},`],
    ["one on each line", texts.join(",\n")],
    ["one on each line, a comma after the last one", texts.map((text) => `${text},\r\n`).join("")],
    ["one on each line, the comma before", texts.join("\n,")],
    ["over several lines", texts.map((text) => JSON.stringify(JSON.parse(text), null, 2)).join(",\n")],
    ["by full-width commas", texts.join("，")],
    ["of Python, with brackets in their texts", python.join(", ")],
    ["in a text", JSON.stringify(texts.join(","))],
  ])("%s are a batch", async (_, body) => {
    const { deps } = await deliver(body);
    expect(deps.events().map(({ timestamp }) => timestamp)).toEqual([noon, noon + 1, noon + 2]);
    expect(deps.reasons()).toEqual([]);
  });

  it("are a batch if they are notices of boxes", async () => {
    const status = (dev_sno: string) => JSON.stringify({ dev_sno, status: 1, timestamp: noon });
    const { deps } = await deliver(`${status("A")},${status("B")}`);
    expect(deps.reasons()).not.toContain("not-json");
    expect(deps.reasons().length + deps.boxStatuses.size).toBe(2);
  });
});
