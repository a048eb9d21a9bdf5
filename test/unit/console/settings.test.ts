import { describe, expect, it } from "vitest";
import { actorWords, actWords, type Entry, factsOf } from "../../../packages/console/src/settings/audit-words.ts";
import { browserOf } from "../../../packages/console/src/settings/sessions.tsx";
import { enSentences, type Facts } from "../../../packages/console/src/words/en-log.ts";
import { enSettings } from "../../../packages/console/src/words/en-settings.ts";
import { zhSentences } from "../../../packages/console/src/words/zh-log.ts";
import { zhSettings } from "../../../packages/console/src/words/zh-settings.ts";
import { auditActions } from "../../../packages/core/src/audit/index.ts";

it.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge, Windows",
  ],
  ["Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1", "Safari, iOS"],
  ["curl/8.5.0", null],
  [null, null],
])("%s is a session of %s", (agent, name) => {
  expect(browserOf(agent)).toBe(name);
});

describe("the log", () => {
  const names = {
    sites: new Map([
      ["north", "North"],
      ["guard", "Guard house"],
    ]),
    others: new Map([
      ["acc_1", "Jonas"],
      ["dev_1", "Gate 192.168.71.61"],
    ]),
  };
  const said = (action: Entry["action"], about: Entry["about"] = {}) => actWords({ action, about }, names);

  it.each(auditActions)("has a name for %s, in each language", (action) => {
    for (const { log } of [enSettings, zhSettings]) expect(log.actions).toHaveProperty([action]);
  });

  it.each<[Entry["action"], Entry["about"], string]>([
    ["roll-begun", { site: "default", isDrill: true, roll: "rol_1", asked: 3 }, "began a drill at Default site"],
    ["roll-begun", { site: "north", isDrill: false }, "began an evacuation list at North"],
    ["account-changed", { account: "acc_1", role: "guard" }, "set the role of Jonas to guard"],
    ["account-changed", { account: "acc_9", disabled: true }, "disabled the account of Someone"],
    ["key-made", { scope: "read", boxes: ["gate-1", "gate-2"] }, "made a key to read gate-1, gate-2"],
    ["pictures-read", { count: 1200, hour: "2026-11-05T04:00:00.000Z" }, "looked at 1,200 pictures within an hour"],
    ["key-revoked", {}, "revoked a key"],
    ["acknowledged", { count: 1 }, "acknowledged 1 event"],
  ])("says of %s %j: %s", (action, about, sentence) => {
    expect(said(action, about)).toBe(sentence);
  });

  it.each<[Entry["about"], string]>([
    [{ device: "dev_1", direction: "out" }, "set Gate 192.168.71.61 to out"],
    [{ device: "dev_2", direction: "as the box says" }, "changed Unknown device: direction: as the box reports"],
    [{ device: "dev_1", counts: false }, "changed Gate 192.168.71.61: not counted for who is inside"],
    [{ box: "gate-1", site: "north", afterMs: 3_600_000 }, "changed gate-1: site: North, silent after: 1 h"],
    [
      { box: "gate-1", name: "none", zone: "usual", afterMs: "by rhythm", isExpected: false },
      "changed gate-1: no display name, time zone: as its site or server, silent after: by its rhythm, silence not expected",
    ],
    [
      { device: "dev_1", direction: "ignore", label: false },
      "changed Gate 192.168.71.61: direction ignored, no display name",
    ],
    [{ site: "north", areSame: true }, "answered that people at North with the same id and name are the same"],
    [{ site: "north", areSame: false }, "answered that people at North with the same id and name are not the same"],
    [{ site: "north", areSame: "open" }, "took back the answer whether people at North are the same"],
    [
      { site: "north", members: ["sharesPeople"], sharesPeople: false },
      "set that the boxes at North do not share people",
    ],
    [{ site: "north", members: ["sharesPeople"], sharesPeople: true }, "set that the boxes at North share people"],
    [{ setting: "alarms", minutes: 5 }, "set the alarm for what no one acknowledges to 5 min"],
    [{ site: "north", removed: true }, "removed the site North"],
  ])("says of a setting %j: %s", (about, sentence) => {
    expect(said("setting-changed", about)).toBe(sentence);
  });

  it.each<[Entry["about"], string]>([
    [{ device: "dev_1", counts: false, label: true }, "更改了 Gate 192.168.71.61：显示名称，不计入在场"],
    [{ box: "gate-1", name: "none", zone: "usual" }, "更改了 gate-1：无显示名称，时区：与站点或服务器相同"],
    [{ box: "gate-1", name: "Door" }, "更改了 gate-1：显示名称：Door"],
    [{ site: "north", areSame: true }, "回答了North的同编号同名人员是同一人"],
    [{ site: "north", areSame: false }, "回答了North的同编号同名人员不是同一人"],
    [{ site: "north", areSame: "open" }, "收回了North的同名人员是否为同一人的回答"],
    [{ site: "north", sharesPeople: true }, "设置了North的盒子共用人员"],
  ])("says of a setting %j in Chinese: %s", (about, sentence) => {
    expect(zhSentences["setting-changed"]?.(factsOf(about, names))).toBe(sentence);
  });

  it("shows no member of the API in a sentence, whatever an entry is about", () => {
    const members = "site box device account role scope setting count afterMs isDrill leftOn".split(" ");
    const about = Object.fromEntries(members.map((member) => [member, member === "count" ? 2 : "north"]));
    for (const sentence of [enSentences, zhSentences].flatMap(Object.values<(facts: Facts) => string>)) {
      expect(sentence(factsOf(about, names))).not.toMatch(/[a-z][A-Z]|\w+:(?! )|undefined|NaN/);
    }
  });

  it("names the command line on the machine, and people", () => {
    expect(actorWords({ key: "key_process", note: null })).toBe("the command on the server");
    expect(actorWords({ account: "acc_1", name: "陈敏" })).toBe("陈敏");
  });
});
