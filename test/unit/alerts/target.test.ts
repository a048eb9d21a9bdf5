import { alertTargetSchema, channelOf, maskedUrl, shownTarget } from "@gatepost/alerts/targets";
import { describe, expect, it } from "vitest";
import { type QuietHours, quietUntil } from "../../../packages/alerts/src/target/target.ts";
import { target } from "./support.ts";

const wecom = { type: "wecom", url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6" };
const email = { type: "email", url: "smtps://gate%40example.com@smtp.example.com", to: "guard@example.com" };
const mqtt = { type: "mqtt", url: "mqtt://gate@broker.example" };

function faultsOf(wish: object): string[] {
  const { error } = alertTargetSchema.safeParse(wish);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("the target of an alert", () => {
  it("a target has defaults for missing members", () => {
    const { cooldownMs, quiet, secret, template, allowPrivate } = target({ ...wecom, allowPrivate: false });
    expect([cooldownMs, quiet, secret, template.language, allowPrivate]).toEqual([300_000, null, null, "zh", false]);
    expect(target(mqtt)).toMatchObject({ topic: "", template: { language: "en" } });
    expect(
      target({ type: "feishu", url: "https://open.larksuite.com/open-apis/bot/v2/hook/1" }).template.language,
    ).toBe("en");
  });

  it.each([
    [
      { ...wecom, type: "pager" },
      /^type: must be one of wecom, dingtalk, feishu, email, mqtt, ntfy, slack, telegram, teams$/,
    ],
    [{ type: "slack", url: "" }, /^url: must be as https:\/\/hooks\.slack\.com\/services\//],
    [{ type: "slack", secret: "xoxb-1" }, /^to: must be a channel, as C0123456789 or #gate/],
    [
      { type: "slack", url: "https://hooks.slack.com/services/T/B/x", secret: "xoxb-1", to: "#gate" },
      /^secret: is the token of a bot/,
    ],
    [{ type: "slack", url: "https://slack.com/api/chat.postMessage" }, /^secret: is the token of a bot/],
    [{ type: "telegram", to: "-100123" }, /^secret: must be the token of a bot, as @BotFather shows it/],
    [{ type: "telegram", secret: "1:a/../x", to: "-100123" }, /^secret: must be the token of a bot/],
    [{ type: "telegram", secret: "1:a", to: "a chat" }, /^to: must be a chat, as -1001234567890 or @channel/],
    [
      { type: "teams", url: "https://contoso.webhook.office.com/webhookb2/x" },
      /^url: must be as https:\/\/….powerplatform/,
    ],
    [
      { type: "teams", url: "https://x.logic.azure.com/workflows/1?sig=s", secret: "x" },
      /^secret: a workflow of Teams has none/,
    ],
    [{ ...wecom, url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send" }, /^url: must be as https:\/\/qyapi/],
    [{ ...wecom, url: "ftp://x/?key=1" }, /^url: must be as/],
    [{ ...wecom, url: "https://user@host/?key=1" }, /^url: must hold no user/],
    [{ ...wecom, secret: "x" }, /^secret: WeCom's robots have none/],
    [{ ...wecom, to: "x" }, /^to: is for e-mail, MQTT and bots alone/],
    [{ ...wecom, template: "{name}" }, /^template: \{name\} is not known; there are \{what\} \{who\}/],
    [{ ...wecom, template: "\n".repeat(40) }, /^template: must have 1 to 30 lines/],
    [{ ...wecom, cooldownSeconds: -1 }, /^cooldownSeconds: /],
    [{ ...wecom, cooldownSeconds: 86_401 }, /^cooldownSeconds: /],
    [
      { ...wecom, quiet: { from: "25:00", to: "07:00", zone: "Asia/Shanghai" } },
      /^quiet.from: must be a time as 22:00/,
    ],
    [{ ...wecom, quiet: { from: "22:00", to: "07:00", zone: "Mars/Base" } }, /^quiet.zone: must be a time zone/],
    [{ ...wecom, quiet: { from: "07:00", to: "07:00", zone: "UTC" } }, /^quiet: from and to must differ/],
    [{ ...wecom, headers: {} }, /headers/],
    [{ type: "dingtalk", url: "https://oapi.dingtalk.com/robot/send" }, /^url: must be as https:\/\/oapi.dingtalk/],
    [
      { type: "feishu", url: "https://open.feishu.cn/open-apis/bot/v2/hook/" },
      /^url: must be as https:\/\/open.feishu/,
    ],
    [{ type: "ntfy", url: "https://ntfy.sh/" }, /^url: must be as https:\/\/ntfy.sh\/my-topic/],
    [{ type: "ntfy", url: `https://ntfy.sh/${"x".repeat(65)}` }, /^url: must be as https:\/\/ntfy.sh\/my-topic/],
    [{ type: "ntfy", url: "https://ntfy.sh/gate?auth=dGtfMQ" }, /^url: must hold no auth; write it as secret/],
    [{ ...mqtt, url: "mqtt:///x" }, /^url: must be as mqtts/],
    [{ ...email, to: "guard@exa\u0001mple.com" }, /^to: must be/],
    [{ ...email, to: `a@${"b".repeat(191)}` }, /^to: must be/],
    [{ ...email, to: Array.from({ length: 21 }, (_, n) => `${n}@b.example`).join() }, /^to: must be 1 to 20/],
    [{ ...mqtt, to: "1/2/3/4/5/6/7/8/9" }, /^to: must be a topic/],
    [{ ...mqtt, to: "x".repeat(129) }, /^to: must be a topic/],
    [{ ...wecom, url: `https://host/?key=${"1".repeat(2048)}` }, /^url: /],
    [{ type: "ntfy", url: "https://ntfy.sh/gate", secret: "x".repeat(1025) }, /^secret: /],
    [{ ...wecom, template: "x\n".repeat(30) }, /^template: must have 1 to 30 lines/],
    [{ ...wecom, template: " \n " }, /^template: must have 1 to 30 lines/],
    [{ ...email, url: "smtps://smtp.example.com" }, /^url: must be as smtps/],
    [
      { ...email, url: "smtps://gate%40example.com:password@smtp.example.com" },
      /^url: must hold no password; write it as secret/,
    ],
    [{ ...email, to: undefined }, /^to: must be 1 to 20 addresses/],
    [{ ...email, to: "a@b.example\r\nBcc: c@d.example" }, /^to: must be/],
    [{ ...email, to: "Guard <a@b.example>" }, /^to: must be/],
    [{ ...email, url: "smtps://smtp.example.com?from=a@b.example", secret: "x" }, /^secret: is for a user/],
    [{ ...mqtt, to: "a/#" }, /^to: must be a topic/],
    [{ ...mqtt, to: "$SYS/x" }, /^to: must be a topic/],
    [{ ...mqtt, url: "mqtt://broker.example", secret: "x" }, /^secret: is for a user/],
  ])("the target %j is refused", (wish, fault) => {
    expect(faultsOf(wish)).toContainEqual(expect.stringMatching(fault));
  });

  it("a refusal never quotes a URL or a secret", () => {
    const faults = faultsOf({ ...wecom, url: "https://u:hunter2@host/?key=hunter3", secret: "hunter4" });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join()).not.toContain("hunter");
  });
});

describe("a target as readers get it", () => {
  it.each([
    ["wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4", "…send?key=***4bc4"],
    ["wecom", "https://relay.test/?a=1&key=short&b=2", "…?a=1&key=***&b=2"],
    ["dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef", "…access_token=***cdef"],
    ["feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/0f1e2d3c-4b5a-6978", "…/hook/***6978"],
    ["ntfy", "https://ntfy.sh/gate-alerts-x7Kq29", "…ntfy.sh/***Kq29"],
    ["ntfy", "https://ntfy.sh/gate-x7Kq29", "…ntfy.sh/***"],
    ["mqtt", "mqtt://gate@broker.example", "mqtt://gate@broker.example"],
  ] as const)("the secret in a URL of %s is hidden", (type, url, end) => {
    expect(maskedUrl(type, url).endsWith(end.replace("…", ""))).toBe(true);
  });

  it("the secret is hidden", () => {
    expect(shownTarget(email)).toEqual({ ...email, hasSecret: false });
    const seen = shownTarget({ ...email, secret: "hunter2", quiet: { from: "22:00", to: "07:00", zone: "UTC" } });
    expect(seen).toEqual({ ...email, hasSecret: true, quiet: { from: "22:00", to: "07:00", zone: "UTC" } });
  });
});

describe("quiet hours", () => {
  const hours = (from: string, to: string, zone: string): QuietHours => {
    const { quiet } = target({ ...wecom, quiet: { from, to, zone } });
    if (quiet === null) throw new Error("there are none");
    return quiet;
  };
  const end = (quiet: QuietHours, at: string) => {
    const until = quietUntil(quiet, Date.parse(at));
    return until === null ? null : quiet.zone.text(until);
  };

  it("quiet hours may go over midnight, by the clocks of their zone", () => {
    const night = hours("22:00", "07:00", "Asia/Shanghai");
    expect(end(night, "2026-11-20T13:59:59Z")).toBeNull();
    expect(end(night, "2026-11-20T14:00:00Z")).toBe("2026-11-21T07:00:00+08:00");
    expect(end(night, "2026-11-20T22:59:59Z")).toBe("2026-11-21T07:00:00+08:00");
    expect(end(night, "2026-11-20T23:00:00Z")).toBeNull();
  });

  it("quiet hours may lie within a day", () => {
    const noonRest = hours("12:00", "13:30", "UTC");
    expect(end(noonRest, "2026-11-20T12:00:00Z")).toBe("2026-11-20T13:30:00+00:00");
    expect(end(noonRest, "2026-11-20T13:30:00Z")).toBeNull();
  });

  it("quiet hours end by the clock in a night when clocks change", () => {
    const night = hours("22:00", "07:00", "Europe/Berlin");
    expect(end(night, "2026-10-24T22:00:00Z")).toBe("2026-10-25T07:00:00+01:00");
    expect(end(night, "2026-03-28T23:00:00Z")).toBe("2026-03-29T07:00:00+02:00");
  });

  it("quiet hours end when clocks are put forward over their end", () => {
    const night = hours("23:30", "02:30", "Europe/Berlin");
    for (const at of ["2026-03-28T22:30:00Z", "2026-03-29T00:10:00Z", "2026-03-29T00:59:59.999Z"]) {
      expect(end(night, at)).toBe("2026-03-29T03:00:00+02:00");
    }
    expect(end(night, "2026-03-29T01:00:00Z")).toBeNull();
  });

  it.each(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"])(
    "quiet hours end at the right local time, in %s",
    (zone) => {
      for (const [from, to] of [
        ["23:30", "02:00"],
        ["01:45", "02:15"],
        ["22:00", "06:00"],
      ] as const) {
        const quiet = hours(from, to, zone);
        const days = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01"];
        for (const day of days.map((one) => Date.parse(one))) {
          for (let now = day - 43_200_000; now < day + 86_400_000; now += 900_000) {
            const until = quietUntil(quiet, now);
            if (until === null) continue;
            expect(until).toBeGreaterThan(now);
            expect([quietUntil(quiet, until), quietUntil(quiet, until - 1)]).toEqual([null, until]);
          }
        }
      }
    },
  );
});

it("a channel of Slack is one with and without its sign", () => {
  const named = (to: string) => channelOf(target({ type: "slack", secret: "xoxb-1", to }));
  expect(named("#gate")).toEqual(named("gate"));
  expect(named("gate")).not.toEqual(named("gate-2"));
});
