import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type Known, messagesAMinute } from "../../../packages/alerts/src/gate/decide.ts";
import type { ChannelState, RuleState } from "../../../packages/alerts/src/gate/state.ts";
import { burstMs, countOf, isWorthTelling, without } from "../../../packages/alerts/src/gate/summary-state.ts";
import { noon } from "../../contract/samples.ts";
import { subject, target } from "./support.ts";

const second = 1000;
const minute = 60 * second;
const nothing: Known = { rule: null, cooldown: null, mutedUntil: 0, channel: { sent: [], boxes: [] } };
const toldAt = (at: number, by = "before"): RuleState => ({ toldAt: at, by, summary: null, gathered: [] });
const since = (until: number, by: string) => ({ until, by, at: noon - minute, isTold: by !== "this" });
const night = target({ type: "ntfy", url: "http://x/y", quiet: { from: "11:00", to: "13:00", zone: "UTC" } }).quiet;

function ask(known: Partial<Known>, asked: Partial<Parameters<typeof decide>[1]> = {}) {
  const usual = {
    entryId: "this",
    subject: subject(),
    quiet: null,
    cooldownMs: 5 * minute,
    underWayMs: 0,
    messages: 1,
    now: noon,
  };
  return decide({ ...nothing, ...known }, { ...usual, ...asked });
}

/** Messages that were sent over the channel, about a box. */
const channel = (sent: readonly number[], box = "other"): ChannelState => ({
  sent: [...sent],
  boxes: sent.map(() => box),
});

const blacklisted = { subject: subject({ type: "blacklist" }) };

describe("an entry", () => {
  it("an entry without an obstacle is sent", () => {
    expect(ask({})).toEqual({
      kind: "tell",
      rule: { toldAt: noon, by: "this", summary: null, gathered: [] },
      cooldown: { until: noon + 5 * minute, by: "this", at: noon, isTold: false },
      channel: { sent: [noon], boxes: ["gate-1"] },
    });
  });

  it("an entry about a person in cooldown waits in the summary until its end", () => {
    const verdict = ask({ cooldown: since(noon + minute, "before") });
    expect(verdict).toMatchObject({ kind: "fold", reason: "cooldown", rule: { summary: { dueAt: noon + minute } } });
    expect(ask({ cooldown: since(noon, "before") }).kind).toBe("tell");
  });

  it("a cooldown whose alert was never sent ends once no process can be sending it", () => {
    const cooldown = { ...since(noon + minute, "before"), isTold: false, at: noon - 20 * second };
    expect(ask({ cooldown }, { underWayMs: 20 * second + 1 }).kind).toBe("fold");
    expect(ask({ cooldown }, { underWayMs: 20 * second }).kind).toBe("tell");
    expect(ask({ cooldown }).kind).toBe("tell");
  });

  it("a repeated entry in a summary is counted once, also after the summary was sent", () => {
    const first = ask({ rule: toldAt(noon - 1) });
    if (first.kind !== "fold") throw new Error("it was not gathered");
    const again = { kind: "folded", reason: "storm" };
    expect(ask({ rule: first.rule }, { now: noon + second })).toEqual(again);
    expect(ask({ rule: { ...first.rule, summary: null } }, { now: noon + minute })).toEqual(again);
    expect(ask({ rule: first.rule }, { entryId: "other" }).kind).toBe("fold");
    const told = ask({ rule: { ...first.rule, summary: null } }, { entryId: "other", now: noon + minute });
    if (told.kind !== "tell") throw new Error("it was not told of");
    expect(ask({ rule: told.rule }, { now: noon + minute })).toEqual(again);
  });

  it("no cooldown is longer than the rule's current one", () => {
    const cooldown = since(noon + 24 * 60 * minute, "before");
    expect(ask({ cooldown }).kind).toBe("tell");
    expect(ask({ cooldown }, { cooldownMs: 24 * 60 * minute }).kind).toBe("fold");
    // A clock that is put right by a moment ends none.
    expect(ask({ cooldown: since(noon + 5 * minute + second, "before") }).kind).toBe("fold");
  });

  it("an entry whose alert failed is sent again", () => {
    const known = { cooldown: since(noon + minute, "this"), rule: toldAt(noon - 1, "this") };
    expect(ask(known).kind).toBe("tell");
    // It does not hold itself back, though another process might still be sending it.
    expect(ask(known, { underWayMs: 2 * minute }).kind).toBe("tell");
  });

  it("a sent entry is not sent again when it is repeated, also without a cooldown", () => {
    for (const until of [noon + minute, noon]) {
      const cooldown = { ...since(until, "this"), isTold: true };
      expect(ask({ cooldown })).toEqual({ kind: "told" });
      expect(ask({ cooldown }, blacklisted)).toEqual({ kind: "told" });
      expect(ask({ cooldown }, { entryId: "other" }).kind).toBe(until > noon ? "fold" : "tell");
    }
  });

  it("an entry right behind another of its rule goes into a summary", () => {
    expect(ask({ rule: toldAt(noon - burstMs + 1) })).toMatchObject({ kind: "fold", reason: "storm" });
    expect(ask({ rule: toldAt(noon - burstMs) }).kind).toBe("tell");
  });

  it("an entry in quiet hours waits for their end, unless it is about the blacklist", () => {
    expect(ask({}, { quiet: night })).toMatchObject({
      kind: "fold",
      reason: "quiet",
      rule: { summary: { dueAt: noon + 60 * minute } },
    });
    expect(ask({}, { quiet: night, ...blacklisted }).kind).toBe("tell");
  });

  it("a muted person gives no alert, unless on the blacklist", () => {
    expect(ask({ mutedUntil: noon + 1 })).toEqual({ kind: "muted" });
    expect(ask({ mutedUntil: noon }).kind).toBe("tell");
    expect(ask({ mutedUntil: noon + 1 }, blacklisted).kind).toBe("tell");
  });

  it("mutes and cooldowns from a clock that was weeks ahead do not stop an alert", () => {
    const weeks = 40 * 24 * 60 * minute;
    expect(ask({ mutedUntil: noon + weeks }).kind).toBe("tell");
    expect(ask({ rule: toldAt(noon + weeks) }).kind).toBe("tell");
  });

  it("an entry about the blacklist is sent in a storm while the channel has room", () => {
    const rule = toldAt(noon - 1);
    expect(ask({ rule }, blacklisted).kind).toBe("tell");
    const full = Array.from({ length: messagesAMinute }, () => noon - 1);
    expect(ask({ rule, channel: channel(full) }, blacklisted)).toMatchObject({ kind: "fold", reason: "storm" });
  });

  it("five messages a minute are reserved for the blacklist", () => {
    const sent = Array.from({ length: messagesAMinute - 5 }, () => noon - 1);
    expect(ask({ channel: channel(sent) })).toMatchObject({ kind: "fold", reason: "storm" });
    expect(ask({ channel: channel(sent) }, blacklisted).kind).toBe("tell");
    expect(ask({ channel: channel(sent.slice(1)) }).kind).toBe("tell");
    expect(ask({ channel: channel(sent.slice(1)) }, { messages: 2 }).kind).toBe("fold");
    expect(ask({ channel: channel(sent.map((at) => at - 2 * minute)) }).kind).toBe("tell");
    // Of a clock that was set back by hours.
    expect(ask({ channel: channel(sent.map((at) => at + 480 * minute)) }).kind).toBe("tell");
  });

  it("a channel takes ten of one box, and then the first of each other", () => {
    let sent = channel([]);
    const notices: string[] = [];
    const alert = (box: string, entryId: string) => {
      const about = { ...subject({ type: "blacklist" }), box };
      const verdict = ask({ rule: toldAt(noon - 1), channel: sent }, { entryId, subject: about });
      if (verdict.kind !== "tell") return;
      sent = verdict.channel;
      notices.push(box);
    };
    for (let n = 0; n < 60; n++) alert("flood", `flood ${n}`);
    expect(notices).toHaveLength(10);
    for (let n = 0; n < 60; n++) alert("second flood", `second flood ${n}`);
    expect(notices).toHaveLength(15);
    for (const box of ["gate-1", "gate-2", "gate-3", "gate-4", "gate-5"]) alert(box, box);
    expect(notices.slice(15)).toEqual(["gate-1", "gate-2", "gate-3", "gate-4", "gate-5"]);
  });
});

it("an entry waits if the channel has reached its limit per second, but for one of the blacklist", () => {
  const sent = Array.from({ length: 5 }, (_, n) => noon - n * 100);
  expect(ask({ channel: channel(sent) }).kind).toBe("tell");
  expect(ask({ channel: channel(sent) }, { aSecond: 5 })).toMatchObject({ kind: "fold", reason: "storm" });
  expect(ask({ channel: channel(sent) }, { aSecond: 5, now: noon + 2 * second }).kind).toBe("tell");
  expect(ask({ channel: channel(sent) }, { aSecond: 5, ...blacklisted }).kind).toBe("tell");
});

describe("a summary", () => {
  /** The state after some entries, one every so many ms. */
  function gathered(count: number, every: number, state: RuleState = toldAt(noon - 1)): RuleState {
    let rule = state;
    for (let n = 0; n < count; n++) {
      const verdict = ask({ rule }, { entryId: `${state.summary?.last} ${n}`, now: noon + n * every });
      if (verdict.kind !== "fold") throw new Error(`entry ${n} was not gathered`);
      rule = verdict.rule;
    }
    return rule;
  }

  it("a summary is due after 10 s without an entry", () => {
    expect(gathered(1000, 5).summary).toMatchObject({ reasons: { storm: 1000 }, dueAt: noon + 999 * 5 + burstMs });
  });

  it("a summary is due after five minutes, even if entries continue", () => {
    expect(gathered(100, 5 * second).summary?.dueAt).toBeLessThanOrEqual(noon + 99 * 5 * second);
    expect(gathered(59, 5 * second).summary?.dueAt).toBe(noon + 5 * minute);
  });

  it("a summary names one entry of each box first, and is due after a minute", () => {
    let rule = toldAt(noon - 1);
    for (let n = 0; n < 40; n++) {
      const box = n === 20 ? "gate-2" : n === 30 ? "gate-3" : "flood";
      const verdict = ask(
        { rule },
        { entryId: `${n}`, subject: { ...subject({ id: `${n}` }), box }, now: noon + n * 5 * second },
      );
      if (verdict.kind !== "fold") throw new Error("it was not gathered");
      rule = verdict.rule;
    }
    const { summary } = rule;
    expect(summary?.items.map((item) => ("event" in item ? item.from : item.box)).toSorted()).toEqual([
      ...["flood", "flood", "flood", "gate-2", "gate-3"],
    ]);
    expect(summary?.byBox).toEqual([
      ["flood", 38],
      ["gate-2", 1],
      ["gate-3", 1],
    ]);
    expect(summary?.dueAt).toBeLessThanOrEqual(noon + 39 * 5 * second);
  });

  it("a summary with an entry about the blacklist does not wait for quiet hours", () => {
    const quiet = ask({}, { quiet: night });
    if (quiet.kind !== "fold") throw new Error("it was not gathered");
    const full = Array.from({ length: messagesAMinute }, () => noon - 1);
    const verdict = ask({ rule: quiet.rule, channel: channel(full) }, { entryId: "b", quiet: night, ...blacklisted });
    expect(verdict).toMatchObject({ kind: "fold", reason: "storm", rule: { summary: { dueAt: noon + burstMs } } });
  });

  it("a summary names five, counts the others, and stays small for any entries", () => {
    let rule = toldAt(noon - 1);
    for (let n = 0; n < 500; n++) {
      const about = subject({ id: `${n}` }, { name: `设备 ${n}`.repeat(10) });
      const verdict = ask({ rule }, { entryId: `${n}`, subject: about });
      if (verdict.kind === "fold") rule = verdict.rule;
    }
    expect(rule.summary?.items).toHaveLength(5);
    expect(rule.summary?.byPlace.reduce((sum, [, count]) => sum + count, 0)).toBe(500);
    // Twenty places are told apart, also once there are more.
    expect(rule.summary?.byPlace.map(([, count]) => count)).toEqual([...Array(20).fill(1), 480]);
    const again = ask({ rule }, { entryId: "again", subject: subject({}, { name: "设备 7".repeat(10) }) });
    expect(again).toMatchObject({ kind: "fold", rule: { summary: { byPlace: { 7: [expect.anything(), 2] } } } });
    expect(JSON.stringify(rule).length).toBeLessThan(20_000);
  });

  it("a summary contains no names", () => {
    expect(JSON.stringify(gathered(20, 5))).not.toMatch(/小明|666666/);
  });

  it("a summary of a few repeats of one person is not sent", () => {
    const cooldown = since(noon + minute, "before");
    let rule: RuleState | null = null;
    for (let n = 0; n < 10; n++) {
      expect(rule === null || !isWorthTelling(rule.summary ?? { reasons: { storm: 1, quiet: 0, cooldown: 0 } })).toBe(
        true,
      );
      const verdict = ask({ rule, cooldown }, { entryId: `${n}` });
      if (verdict.kind === "fold") rule = verdict.rule;
    }
    expect(rule?.summary && isWorthTelling(rule.summary)).toBe(true);
  });

  it("a summary keeps entries that joined it while it was sent", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 30 }), (before, after) => {
        const sent = gathered(before, 5);
        const now = gathered(after, 5, sent);
        if (sent.summary === null || now.summary === null) throw new Error("there is none");
        const left = without(now.summary, sent.summary);
        expect(left === null ? 0 : countOf(left)).toBe(after);
      }),
    );
  });
});
