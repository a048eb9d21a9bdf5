import { AlertRowNames, AlertRows } from "@gatepost/core/alerts";
import { Zone } from "@gatepost/core/zones";
import { MemoryItems } from "@gatepost/store";
import { describe, expect, it, vi } from "vitest";
import { senders } from "../../../packages/alerts/src/channels/senders.ts";
import { AlertGate } from "../../../packages/alerts/src/gate/gate.ts";
import { AlertLinks } from "../../../packages/alerts/src/links.ts";
import type { Message } from "../../../packages/alerts/src/message/message.ts";
import { SummarySender } from "../../../packages/alerts/src/summary-sender.ts";
import { noon } from "../../contract/samples.ts";
import { sending, subject, target } from "./support.ts";

const second = 1000;
const minute = 60 * second;
const wish = { type: "wecom", url: "http://127.0.0.1/send?key=k" };

/** A rule that gathers a storm, and a channel before whose every write to the rule's row another entry joins. */
function storm(answer: () => { errcode: number }) {
  let now = noon;
  let entries = 0;
  let joinsLeft = 0;
  const clock = () => now;
  const items = new MemoryItems({ clock });
  const rows = new AlertRows(items, clock);
  const pass = () => {
    entries += 1;
    const about = subject({ id: `p${entries}`, name: `人 ${entries}` });
    return gate.pass({ entryId: `e${entries}`, rule: "people", subject: about, target: target(wish), messages: 1 });
  };
  const joinedRows = new AlertRows(items, clock);
  vi.spyOn(joinedRows, "put").mockImplementation(async (...row) => {
    if (joinsLeft > 0) {
      joinsLeft -= 1;
      await pass();
    }
    return rows.put(...row);
  });
  const names = new AlertRowNames(Buffer.from("secret"));
  const gate = new AlertGate({ rows, names, clock, underWayMs: 0 });
  const slow = new AlertGate({ rows: joinedRows, names, clock, underWayMs: 0 });
  const logged: string[] = [];
  const log = { info() {}, warn: (message: string) => void logged.push(message), error() {} };
  const links = new AlertLinks({ secret: Buffer.from("secret"), publicUrl: () => null, clock });
  const deps = { gate: slow, links, pictures: { get: async () => null }, log, clock };
  const summaries = new SummarySender({ ...deps, find: async () => null });
  const texts: string[] = [];
  const post = async ({ body }: { body: string | Buffer }) => {
    texts.push(String(body));
    // From here on, until the summary is written.
    joinsLeft = 3;
    return { status: 200, retryAfterMs: 0, text: JSON.stringify(answer()) };
  };
  return {
    texts,
    logged,
    pass,
    move: (ms: number) => (now += ms),
    send: () => {
      const to = target(wish);
      const sendOne = (message: Message) => senders[to.type].send(message, to, { ...sending, post, clock });
      return summaries.send({ name: "people", target: to }, Zone.utc, sendOne);
    },
    summary: async () => (await gate.read("people"))?.state.summary ?? null,
  };
}

describe("a summary that entries join while it is sent", () => {
  it("a joined summary is sent once, and later entries go into the next one", async () => {
    const { pass, move, send, texts, summary } = storm(() => ({ errcode: 0 }));
    for (let n = 0; n < 6; n++) await pass();
    move(minute);
    await send();
    expect((await summary())?.reasons).toEqual({ storm: 3, quiet: 0, cooldown: 0 });
    move(minute);
    await send();
    expect(texts.map((text) => /另有 (\d+) 条/.exec(text)?.[1])).toEqual(["5", "3"]);
  });

  it("a joined summary waits after a failed try, and is given up after a day", async () => {
    const { pass, move, send, texts, logged, summary } = storm(() => ({ errcode: 93000 }));
    for (let n = 0; n < 6; n++) await pass();
    move(minute);
    await send();
    expect(await summary()).toMatchObject({ tries: 1, reasons: { storm: 8 } });
    await send();
    expect([texts.length, logged]).toEqual([1, ["summary of alerts not sent, trying again"]]);
    move(24 * 60 * minute);
    await send();
    expect(await summary()).toMatchObject({ tries: 0, reasons: { storm: 3 } });
  });

  it("a joined summary is sent without names that the channel refused", async () => {
    const { pass, move, send, summary } = storm(() => ({ errcode: 40058 }));
    for (let n = 0; n < 4; n++) await pass();
    expect((await summary())?.items).toHaveLength(3);
    move(minute);
    await send();
    // Two of those that joined: a summary names five.
    expect((await summary())?.items).toHaveLength(2);
  });
});
