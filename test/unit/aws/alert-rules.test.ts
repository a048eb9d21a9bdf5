import { describe, expect, it } from "vitest";
import { readAlertRules } from "../../../packages/aws/src/alerts/alert-rules.ts";

const url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=hunter2";

describe("the rules of a deployment that alert people", () => {
  it("get their secrets from a separate text", () => {
    const rules = [{ name: "people", target: { type: "wecom", cooldownSeconds: 60 }, maxAgeSeconds: 600 }];
    const read = readAlertRules(JSON.stringify(rules), JSON.stringify({ people: { url } }));
    expect(read.faults).toEqual([]);
    expect(read.rules).toMatchObject([
      { name: "people", maxAgeSeconds: 600, target: { type: "wecom", cooldownMs: 60_000 } },
    ]);
    expect(`${read.rules[0]?.target.url}`).toBe(url);
  });

  it("are left out one by one, with reasons that quote no secret", () => {
    const rules = [
      { name: "no-url", target: { type: "wecom" } },
      { name: "inside", target: { type: "ntfy", url: "http://10.0.0.1/hunter3" } },
      { name: "wrong", target: { type: "wecom", secret: "hunter4", url } },
      { name: "hours", target: { type: "wecom", url }, hours: { time: [{ between: ["22:00"], zone: "UTC" }] } },
      {
        name: "right",
        target: { type: "wecom", url },
        hours: { time: [{ between: ["22:00", "06:00"], zone: "UTC" }] },
      },
    ];
    const { rules: read, faults } = readAlertRules(JSON.stringify(rules), "{}");
    expect(read.map(({ name }) => name)).toEqual(["right"]);
    expect(faults.map(({ rule }) => rule)).toEqual(["no-url", "inside", "wrong", "hours"]);
    expect(JSON.stringify(faults)).not.toContain("hunter");
  });

  it("are rejected without a quotation if they are no JSON", () => {
    expect(() => readAlertRules("[{hunter2", "{}")).toThrow(/^GATEPOST_ALERTS is no JSON$/);
    expect(() => readAlertRules("[]", "hunter2")).toThrow(/^AlertSecrets is no JSON$/);
    expect(() => readAlertRules("[]", '{"people":{"url":1}}')).toThrow(/^AlertSecrets is not as docs/);
    expect(() => readAlertRules("{}", "{}")).toThrow(/^GATEPOST_ALERTS is not as docs/);
  });
});
