import { ECDH } from "node:crypto";
import { Notifier } from "@gatepost/alerts/push";
import { openAccounts } from "@gatepost/core/accounts";
import {
  contactAddress,
  PushContact,
  PushKeys,
  type PushKind,
  PushSubscriptions,
  type Subscription,
} from "@gatepost/core/push";
import { Rolls } from "@gatepost/core/rolls";
import { boxHeard, type Report, type StoredEvent } from "@gatepost/protocol";
import { MemoryItems } from "@gatepost/store";
import { beforeEach, describe, expect, it } from "vitest";
import { noon, report, upsert } from "../../contract/samples.ts";
import { PushService } from "../../standins/push-service.ts";
import { exampleBox } from "../../support/examples.ts";
import { keptLog } from "../http/support.ts";
import { hostileNames } from "./support.ts";

const by = { id: "acc_1", name: "Jonas" };
const mark = { at: noon, by: by.id, byName: by.name, acknowledgement: "ack_1", reason: null, note: null };

const limits = { timeoutMs: 600_000, signal: new AbortController().signal };

/** An entry about a stored event, as the bus delivers it. */
function recorded(id: string, time = noon) {
  const envelope = {
    "detail-type": "Face Event Recorded",
    time: new Date(time).toISOString(),
    detail: { event: { id } },
  };
  return { entryId: id, envelope };
}

const acknowledged = (...events: string[]) => ({
  entryId: "ack",
  envelope: { "detail-type": "Event Acknowledged", detail: { acknowledgement: { id: "ack_1", events } } },
});

describe("A notification", () => {
  let now: number;
  let service: PushService;
  let subscription: Subscription;
  let subscriptions: PushSubscriptions;
  let contact: PushContact;
  let publicUrl: string | null;
  let lines: ReturnType<typeof keptLog>["lines"];
  let notifier: Notifier;
  let stored: Map<string, StoredEvent>;
  let seen: Set<string>;
  let rolls: Rolls;
  let subscribe: (choice?: Partial<Pick<Subscription, "locked" | "language" | "kinds">>) => Promise<void>;

  beforeEach(async () => {
    now = noon;
    stored = new Map();
    service = await PushService.listen();
    const clock = () => now;
    const items = new MemoryItems({ clock });
    const kept = keptLog();
    const { log } = kept;
    const sites = { boxesOf: async (site: string) => (site === "hq" ? ["gate-1"] : ["depot-1"]) };
    const { accounts } = openAccounts({ items, keys: { find: async () => null }, sites, log, clock });
    subscriptions = new PushSubscriptions({ items, clock });
    const keys = new PushKeys(items);
    seen = new Set();
    rolls = new Rolls(items, { tell: async () => {} });
    [lines, publicUrl] = [kept.lines, "https://gate.example.com/"];
    contact = new PushContact({ items, given: null, publicUrl: () => publicUrl });
    notifier = new Notifier({
      subscriptions,
      keys,
      contact,
      accounts,
      sites,
      log,
      clock,
      secret: Buffer.alloc(32, 7),
      rolls,
      marks: { among: async (ids) => new Map(ids.flatMap((id) => (seen.has(id) ? [[id, mark]] : []))) },
      allowPrivateTargets: true,
      find: async (id) => stored.get(id) ?? null,
      label: async (events) => events.map((one) => ({ ...one, device: { ...one.device, label: "Ramp in" } })),
    });
    const asked = { email: "jonas@example.com", name: "Jonas", role: "guard" as const, sites: ["hq"], boxes: null };
    const account = await accounts.accept((await accounts.create(asked, "key_1")).token, {
      name: null,
      password: "scrypt$x",
    });
    subscribe = async (choice = {}) => {
      const kinds: PushKind[] = ["blacklist", "strangers"];
      const usual = { kinds, locked: false, badge: true, language: "en" as const, ...choice };
      const target = service.subscribe("phone", (await keys.read()).publicKey);
      subscription = await subscriptions.put(target, usual, { account, session: "ses_1", name: "Chrome" });
    };
    await subscribe();
  });

  /** Stores a passing, and returns its id. */
  function pass(name: string, type: "blacklist" | "stranger", told: Partial<Report> = {}): string {
    const { eventId: id, box, isSecondFace } = upsert(name);
    const person = type === "stranger" ? { id: name, type } : { id: name, name: "赵强", type };
    const face = { sha256: "ab".repeat(32), bytes: 9, contentType: "image/jpeg" as const };
    const reports = [report({ person, pictures: { face }, ...told })];
    stored.set(id, { id, box, isSecondFace, reports, actions: [] });
    return id;
  }
  const notify = (id: string) => notifier.notify(subscription.id, recorded(id), limits);

  it("contains no name and no face unless the person chose that", async () => {
    const id = pass("a", "blacklist");
    await notify(id);
    await subscribe({ locked: true, language: "zh" });
    await notify(id);
    const [short, full] = service.contentsOf("phone");
    expect(short).toEqual({
      title: "Blacklist",
      body: "Ramp in · gate-1",
      address: `#/events/${id}`,
      tag: id,
      badge: true,
      at: noon,
      withdraw: false,
    });
    expect(full).toMatchObject({ title: "黑名单: 赵强", image: expect.stringMatching(/^\/v1\/pictures\/[\w-]+$/) });
  });

  it("reaches all who may see an evacuation, until that is over", async () => {
    await subscribe({ kinds: [] });
    const evacuation = (type: string, site: string) => {
      const roll = { id: "rol_1", site, isDrill: true };
      const envelope = { "detail-type": type, time: new Date(noon).toISOString(), detail: { roll } };
      return notifier.notify(subscription.id, { entryId: `${type} ${site}`, envelope }, limits);
    };
    expect(await evacuation("Evacuation Ended", "hq")).toMatchObject({ held: "unasked" });
    expect(await evacuation("Evacuation Begun", "depot")).toMatchObject({ held: "unseen" });
    await rolls.begin({ site: "hq", isDrill: true, at: noon, by }, [], "rol_1");
    expect(await evacuation("Evacuation Begun", "hq")).toEqual({ failure: null, status: 201 });
    expect(await evacuation("Evacuation Begun", "hq")).toMatchObject({ held: "told" });
    await rolls.close("rol_1", { at: noon, by });
    expect(await evacuation("Evacuation Ended", "hq")).toEqual({ failure: null, status: 201 });
    expect(await evacuation("Evacuation Begun", "hq")).toMatchObject({ held: "over" });
    const shown = { title: "Evacuation drill", body: "hq", address: "#/inside/roll/rol_1", tag: "rol_1", at: noon };
    expect(service.contentsOf("phone")).toEqual([
      { ...shown, badge: true, withdraw: false },
      { tags: ["rol_1"], badge: true, withdraw: true },
    ]);
  });

  it.each(hostileNames)("is one short line of plain text for the name %j", async (name) => {
    await subscribe({ locked: true });
    await notify(pass("a", "blacklist", { person: { id: name, name, type: "blacklist" }, device: { name } }));
    const [content] = service.contentsOf("phone");
    const { title } = content as { title: string };
    expect(title).toMatch(/^Blacklist: [^\p{C}\n]+$/u);
    expect([...title].length).toBeLessThan(100);
    expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThanOrEqual(2048);
  });

  it("has one tag for both reports of a stranger", async () => {
    for (const [name, time] of [
      ["a", noon],
      ["b", noon],
      ["c", noon + 1],
    ] as const) {
      await notify(pass(name, "stranger", { time }));
    }
    const tags = service.contentsOf("phone").map((one) => (one as { tag: string }).tag);
    expect(tags[1]).toBe(tags[0]);
    expect(new Set(tags).size).toBe(2);
  });

  it("is left out after six strangers in a minute, and the next one counts those", async () => {
    for (let n = 0; n < 9; n++) await notify(pass(`s${n}`, "stranger", { time: noon + n }));
    expect(service.pushed).toHaveLength(6);
    expect(await notify(pass("b", "blacklist"))).toMatchObject({ failure: null, status: 201 });
    expect(service.contentsOf("phone").at(-1)).toMatchObject({ body: "Ramp in · gate-1 · and 3 more" });
    now += 60_000;
    await notify(pass("later", "stranger"));
    expect(service.pushed).toHaveLength(8);
  });

  it("is tried again if the push service is in trouble, without counting twice", async () => {
    const id = pass("a", "stranger");
    for (let n = 0; n < 9; n++) {
      service.troubles.push(n % 2 === 0 ? 429 : 500);
      expect((await notify(id)).failure).not.toBeNull();
    }
    expect(await notify(id)).toEqual({ failure: null, status: 201 });
  });

  it("is not tried again if it is refused, and the browser stays", async () => {
    service.troubles.push(403);
    expect(await notify(pass("a", "blacklist"))).toMatchObject({ failure: null, held: "refused" });
    expect(await subscriptions.get(subscription.id)).not.toBeNull();
  });

  it("is logged with the words of the push service if it is refused", async () => {
    service.troubles.push(403, 403);
    service.reason = `<p>\u202e\0 no\n\n${"way ".repeat(100_000)}`;
    const reason = `<p> no ${"way ".repeat(100)}`.slice(0, 200);
    await notify(pass("a", "blacklist"));
    const facts = { subscription: subscription.id, status: 403, reason };
    expect(lines).toEqual([{ level: "warn", message: "notification refused", facts }]);
    service.reason = "";
    expect(await notifier.test(subscription)).toMatchObject({ why: "refused", reason: null });
  });

  it("names the operator to the push service, by the first address of a person", async () => {
    await notify(pass("a", "blacklist"));
    await contact.keep("it@northgate.cn");
    await contact.keep("another@northgate.cn");
    await notify(pass("b", "blacklist"));
    expect(service.contacts).toEqual(["https://gate.example.com", "mailto:it@northgate.cn"]);
  });

  it.each([null, "http://gate.example.com", "https://gate.local", "https://192.168.1.9:9528", "https://[::1]"])(
    "has no contact of a server at %s",
    async (address) => {
      publicUrl = address;
      expect(await contact.read()).toBeNull();
      expect(await notifier.test(subscription)).toMatchObject({ status: 403, reason: '{"reason":"BadJwtToken"}' });
      expect(service.contacts).toEqual([undefined]);
    },
  );

  it.each([404, 410])("ends its subscription at the answer %d", async (status) => {
    service.troubles.push(status);
    expect(await notify(pass("a", "blacklist"))).toMatchObject({ failure: null, held: "gone" });
    expect(await subscriptions.get(subscription.id)).toBeNull();
    expect(await notify(pass("b", "blacklist"))).toMatchObject({ held: "gone" });
  });

  it("is not sent of an erased event, nor an hour late", async () => {
    expect(await notify("evt_erased")).toMatchObject({ held: "erased" });
    now += 60 * 60_000 + 1;
    expect(await notify(pass("a", "blacklist"))).toMatchObject({ held: "old" });
  });

  it("is withdrawn once its event is acknowledged, and no other is", async () => {
    const [one, other] = [pass("a", "blacklist"), pass("b", "blacklist")];
    await notify(one);
    await notify(other);
    await notifier.notify(subscription.id, acknowledged(one, "evt_unknown"), limits);
    expect(service.contentsOf("phone").at(-1)).toEqual({ tags: [one], badge: true, withdraw: true });
    expect(await notifier.notify(subscription.id, acknowledged("evt_unknown"), limits)).toMatchObject({
      held: "unasked",
    });
    expect(service.pushed).toHaveLength(3);
  });

  it("is sent once of an event, and not after its acknowledgement", async () => {
    const id = pass("a", "stranger");
    await notify(id);
    expect(await notify(id)).toMatchObject({ held: "told" });
    pass("a", "blacklist");
    expect(await notify(id)).toMatchObject({ status: 201 });
    seen.add(pass("b", "blacklist"));
    expect(await notify(pass("b", "blacklist"))).toMatchObject({ held: "over" });
    expect(service.pushed).toHaveLength(2);
  });

  it("is sent once of each new state of a box", async () => {
    await subscribe({ kinds: ["silence"] });
    const envelope = { ...boxHeard("silent", { box: exampleBox, device: null, since: noon, at: noon }) };
    const silent = (entryId: string) =>
      notifier.notify(subscription.id, { entryId, envelope: { ...envelope, "detail-type": "Box Silent" } }, limits);
    const results = [await silent("1"), await silent("1"), await silent("2")];
    expect(results).toMatchObject([{ status: 201 }, { held: "told" }, { status: 201 }]);
  });

  it("can be tested, and a failed test names its reason", async () => {
    expect(await notifier.test(subscription)).toMatchObject({ sent: true, status: 201, why: null });
    expect(service.contentsOf("phone")).toMatchObject([{ title: "Gatepost test", tag: "test" }]);
    const unreachable = { ...subscription, endpoint: "https://127.0.0.1:1/send" };
    expect(await notifier.test(unreachable)).toMatchObject({ sent: false, status: null, why: "no way out" });
    service.troubles.push(403);
    const words = '{"reason":"BadJwtToken"}';
    expect(await notifier.test(subscription)).toMatchObject({
      sent: false,
      status: 403,
      why: "refused",
      reason: words,
    });
    service.forget("phone");
    expect(await notifier.test(subscription)).toMatchObject({ sent: false, status: 410, why: "gone" });
  });
});

describe("The address of a push service", () => {
  const clock = () => noon;
  const items = new MemoryItems({ clock });
  const open = (allowPrivateTargets: boolean) =>
    new Notifier({
      subscriptions: new PushSubscriptions({ items, clock }),
      keys: new PushKeys(items),
      log: keptLog().log,
      clock,
      accounts: { get: async () => null },
      sites: { boxesOf: async () => [] },
      secret: Buffer.alloc(32),
      find: async () => null,
      label: async () => [],
      contact: { read: async () => null },
      allowPrivateTargets,
      rolls: { get: async () => null },
      marks: { among: async () => new Map() },
    });
  const keys = {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  };

  it.each([
    ...["http://push.example/a", "ftp://push.example/a", "push.example", "", "https://user:pass@push.example/a"],
    ...[
      "https://127.0.0.1/a",
      "https://10.1.2.3/a",
      "https://[::1]/a",
      "https://localhost/a",
      "https://169.254.169.254/a",
    ],
    ...["https://[::ffff:10.0.0.1]/a", "https://0x7f000001/a", "javascript:alert(1)"],
  ])("may not be %j", (endpoint) => {
    expect(open(false).faultOf({ endpoint, keys })).toContain("endpoint: ");
  });

  it("is a public host by https, with keys that encrypt", () => {
    const endpoint = "https://push.example/a";
    expect(open(false).faultOf({ endpoint, keys })).toBeNull();
    expect(open(true).faultOf({ endpoint: "https://127.0.0.1/a", keys })).toBeNull();
    const compressed = ECDH.convertKey(keys.p256dh, "prime256v1", "base64url", "base64url", "compressed").toString();
    const wrong = [
      { p256dh: compressed },
      { auth: "AA" },
      { p256dh: "AA" },
      { p256dh: `B${"A".repeat(86)}` },
      { p256dh: "" },
    ];
    for (const one of wrong) expect(open(false).faultOf({ endpoint, keys: { ...keys, ...one } })).toContain("keys.");
  });
});

describe("A contact", () => {
  it.each([
    ["mailto:it@example.com", "it@example.com"],
    [" MAILTO:it.desk+gate@mail.example.com.cn ", "it.desk+gate@mail.example.com.cn"],
    ["it@xn--fiqs8s.xn--fiqs8s", "it@xn--fiqs8s.xn--fiqs8s"],
    ["it@gate.local", null],
    ["it@localhost", null],
    ["it@gatepost.example", null],
    ["it@192.168.1.9", null],
    ["it@[::1]", null],
    ["it@example..com", null],
    ["it@example.com.", null],
    ["it@example.com?subject=a", null],
    ['it"@example.com', null],
    ["it@a@example.com", null],
    ["https://example.com", null],
    [`it@${"a.".repeat(100_000)}com`, null],
    ["", null],
  ])("%j is the address %j", (text, address) => {
    expect(contactAddress(text)).toBe(address);
  });
});
