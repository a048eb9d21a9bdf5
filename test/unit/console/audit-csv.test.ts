import { expect, it } from "vitest";
import { auditCsv } from "../../../packages/console/src/settings/audit-csv.ts";

const entry = {
  seq: 7,
  id: "0a",
  at: "2026-11-05T04:00:00.000Z",
  previous: null,
  previousAt: null,
  hash: "9f",
  from: null,
  action: "account-changed" as const,
  outcome: "done" as const,
};

it("entries of the audit log become a table that a spreadsheet opens without running it", () => {
  const csv = auditCsv([
    {
      ...entry,
      by: { account: "acc_1", name: '=HYPERLINK("x")' },
      about: { role: "guard", boxes: ["a", "b"], asked: 6 },
    },
    { ...entry, seq: 6, by: { key: "key_1", note: null }, about: {} },
  ]);
  expect(csv).toBe(
    [
      "\ufeffnumber,time,who,id,action,outcome,about,asked,hash",
      `"7","2026-11-05T04:00:00.000Z","'=HYPERLINK(""x"")","acc_1","account-changed","done","role=guard; boxes=a,b","6","9f"`,
      `"6","2026-11-05T04:00:00.000Z","","key_1","account-changed","done","","","9f"`,
      "",
    ].join("\r\n"),
  );
});
