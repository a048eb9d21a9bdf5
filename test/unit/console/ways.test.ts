import { describe, expect, it, vi } from "vitest";
import { openPage } from "./support.ts";

interface Here {
  role?: string;
  bridged?: string[];
  dialect?: string;
  language?: "en" | "zh";
  rules?: "editable" | "elsewhere";
  sites?: string[] | null;
}

/** What Find leads to on a page of somebody who signed in. */
async function find(here: Here = {}) {
  const { role = "administrator", bridged = [], dialect = "history-flat", language = "en" } = here;
  const { rules = "editable", sites = null } = here;
  const account = { id: "acc_1", name: "Ann", email: "a@b.c", role, with: "password", sites, boxes: null };
  const asked: string[] = [];
  await openPage(({ path }) => {
    asked.push(path);
    if (path === "/v1/me") return { account, key: null, server: { people: true, rules } };
    if (path === "/v1/bridges") return { boxes: bridged };
    return path === "/v1/boxes" ? { boxes: [{ kinds: [{ dialect }] }], next: null } : 204;
  });
  vi.stubGlobal("history", { pushState: (_: null, __: string, hash: string) => Object.assign(location, { hash }) });
  const { prefer } = await import("../../../packages/console/src/state/preferences.ts");
  prefer({ language });
  const { address } = await import("../../../packages/console/src/state/route.ts");
  const { wayIn, wayRows } = await import("../../../packages/console/src/palette/ways.ts");
  const { best } = await import("../../../packages/console/src/palette/rank.ts");
  const rows = wayRows(await wayIn(new AbortController().signal));
  return {
    asked,
    rowFor: (typed: string) => best(rows, typed, 1)[0]?.one,
    leadsTo: (typed: string) => {
      best(rows, typed, 1)[0]?.one.open();
      return [address.value.page, address.value.id, ...(address.value.query["act"] ?? [])];
    },
  };
}

describe("Find leads an administrator", () => {
  it.each([
    ["invite", "settings", "people", "invite"],
    ["password", "settings", "you", "password"],
    ["add a box", "new-box", null],
    ["register a person", "actions", null],
    ["add a person", "actions", null],
    ["webhook", "rules", "new"],
    ["sound", "settings", "browser"],
    ["language", "settings", "browser"],
    ["backup", "settings", "about"],
    ["teach", "problems", null],
    ["shifts", "schedules", null],
    ["audit", "settings", "log"],
    ["restore", "settings", "about"],
    ["mute", "settings", "browser"],
    ["new person", "actions", null],
    ["email", "rules", "new"],
  ])("from “%s” to %s %s", async (typed, ...place) => {
    expect((await find()).leadsTo(typed)).toEqual(place);
  });

  it.each([
    ["邀请", "settings", "people", "invite"],
    ["密码", "settings", "you", "password"],
    ["备份", "settings", "about"],
    ["声音", "settings", "browser"],
    ["登记", "actions", null],
    ["webhook", "rules", "new"],
    ["映射", "problems", null],
    ["恢复", "settings", "about"],
    ["新增盒子", "new-box", null],
    ["登记访客", "actions", null],
    ["抹除", "settings", "erase"],
  ])("in Chinese from “%s” to %s %s", async (typed, ...place) => {
    expect((await find({ language: "zh" })).leadsTo(typed)).toEqual(place);
  });
});

describe("“Add a person” says where it is possible", () => {
  it.each([
    [{ bridged: ["gate-1"] }, "Actions: a bridge registers them", "actions"],
    [{ dialect: "hikvision-event" }, "at the terminal’s own screen", "boxes"],
    [{}, "Actions, or at the box itself", "actions"],
  ])("with %j", async (here, meta, page) => {
    const { rowFor, leadsTo } = await find(here);
    expect(rowFor("add a person")?.meta).toBe(meta);
    expect(leadsTo("add a person")[0]).toBe(page);
  });
});

it("Find offers a guard nothing that a guard may not open", async () => {
  const { rowFor, asked } = await find({ role: "guard" });
  for (const typed of ["invite", "webhook", "add a box", "audit", "add a person", "shifts"]) {
    expect(rowFor(typed)).toBeUndefined();
  }
  expect(rowFor("password")?.id).toBe("password");
  expect(asked).not.toContain("/v1/boxes");
});

it.each<Here>([{ rules: "elsewhere" }, { role: "manager", sites: ["north"] }])(
  "Find offers no new rule to a user who may write none, as %j",
  async (here) => {
    expect((await find(here)).rowFor("webhook")).toBeUndefined();
    expect((await find({ ...here, rules: "editable", sites: null })).rowFor("webhook")?.id).toBe("new-rule");
  },
);
