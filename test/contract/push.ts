import { PushKeys, type PushKind, PushSubscriptions } from "@gatepost/core/push";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OpenedItems } from "./items.ts";
import { noon } from "./samples.ts";

const target = (name: string) => ({ endpoint: `https://push.example/${name}`, keys: { p256dh: "B", auth: "A" } });
const choice = { kinds: ["blacklist"] as PushKind[], locked: false, badge: true, language: "en" as const };
const by = (account: string, session = "ses_1", epoch = 2, keptSession: string | null = null) => ({
  account: { id: account, isDisabled: false, epoch, keptSession },
  session,
  name: "Chrome",
});

/** Subscriptions to notifications and the keys for them, on any driver of the record store. */
export function pushContract(name: string, open: () => Promise<OpenedItems>): void {
  describe(`${name} keeps the promises of a store of subscriptions:`, () => {
    let opened: OpenedItems;
    let changes: number;
    let subscriptions: PushSubscriptions;
    beforeEach(async () => {
      opened = await open();
      opened.setClock(noon);
      changes = 0;
      const changed = async () => void changes++;
      subscriptions = new PushSubscriptions({ items: opened.items, clock: () => noon, changed });
    });
    afterEach(() => opened.close());

    const ofAccount = async (account: string) => (await subscriptions.of(account)).map(({ id }) => id);

    it("keeps all of a subscription, and finds it by its account", async () => {
      const all = {
        kinds: ["strangers", "silence"] as PushKind[],
        locked: true,
        badge: false,
        language: "zh" as const,
      };
      const made = await subscriptions.put(target("a"), all, by("acc_a"));
      expect(await subscriptions.get(made.id)).toEqual(made);
      expect(made).toMatchObject({ ...target("a"), ...all, account: "acc_a", epoch: 2, lastAt: null, told: [] });
      await expect.poll(() => ofAccount("acc_a")).toEqual([made.id]);
      expect(await ofAccount("acc_b")).toEqual([]);
    });

    it("gives a browser to the account that subscribed it last", async () => {
      const { id } = await subscriptions.put(target("a"), choice, by("acc_a"));
      await subscriptions.noteSent(await found(id), ["evt_1", "tag"]);
      expect((await subscriptions.put(target("a"), choice, by("acc_b"))).id).toBe(id);
      expect(await found(id)).toMatchObject({ account: "acc_b", told: [] });
      await expect.poll(() => ofAccount("acc_b")).toEqual([id]);
      await expect.poll(() => ofAccount("acc_a")).toEqual([]);
      expect(await subscriptions.remove(id, "acc_a")).toBe(false);
      expect(await subscriptions.change(id, "acc_a", { locked: true })).toBeNull();
    });

    it("changes and removes a subscription, and signals each change", async () => {
      const { id } = await subscriptions.put(target("a"), choice, by("acc_a"));
      expect(await subscriptions.change(id, "acc_a", { kinds: [], language: "zh" })).toMatchObject({
        kinds: [],
        language: "zh",
        badge: true,
      });
      expect(await subscriptions.remove(id, "acc_a")).toBe(true);
      expect(await subscriptions.get(id)).toBeNull();
      expect(await subscriptions.remove(id, "acc_a")).toBe(false);
      expect(await subscriptions.get("evt_1")).toBeNull();
      expect(changes).toBe(3);
    });

    it("ends the subscriptions of one session alone", async () => {
      const { id } = await subscriptions.put(target("a"), choice, by("acc_a", "ses_a"));
      await subscriptions.put(target("b"), choice, by("acc_a", "ses_b"));
      await expect.poll(() => ofAccount("acc_a")).toHaveLength(2);
      await subscriptions.endOf({ session: "ses_b", account: "acc_a" });
      await expect.poll(() => ofAccount("acc_a")).toEqual([id]);
    });

    it("hands the browsers of one session on to another one, with what they get", async () => {
      const { id } = await subscriptions.put(target("a"), { ...choice, kinds: ["silence"] }, by("acc_a", "ses_a"));
      const { id: other } = await subscriptions.put(target("b"), choice, by("acc_a", "ses_b"));
      await expect.poll(() => ofAccount("acc_a")).toHaveLength(2);
      await subscriptions.handOn("ses_a", by("acc_a", "ses_c", 3));
      expect(await found(id)).toMatchObject({ session: "ses_c", epoch: 3, kinds: ["silence"] });
      expect(await found(other)).toMatchObject({ session: "ses_b", epoch: 2 });
    });

    it("refuses an eleventh browser, but not a tenth again", async () => {
      for (let n = 0; n < 10; n++) await subscriptions.put(target(`${n}`), choice, by("acc_a"));
      await expect.poll(() => ofAccount("acc_a")).toHaveLength(10);
      await expect(subscriptions.put(target("a"), choice, by("acc_a"))).rejects.toMatchObject({ kind: "conflict" });
      await subscriptions.put(target("9"), choice, by("acc_a"));
      await subscriptions.put(target("a"), choice, by("acc_b"));
    });

    it("neither lists nor counts the browsers of sessions that have ended with those of an account", async () => {
      for (let n = 0; n < 9; n++) await subscriptions.put(target(`${n}`), choice, by("acc_a", "ses_ended"));
      const { id: kept } = await subscriptions.put(target("a"), choice, by("acc_a", "ses_kept"));
      await expect.poll(() => ofAccount("acc_a")).toHaveLength(10);
      const now = by("acc_a", "ses_new", 3, "ses_kept");
      const { id } = await subscriptions.put(target("9"), choice, now);
      const live = async () => (await subscriptions.liveOf(now.account)).map((one) => one.id).toSorted();
      await expect.poll(live).toEqual([kept, id].toSorted());
      expect(await subscriptions.liveOf({ ...now.account, isDisabled: true })).toEqual([]);
    });

    it("remembers the last thirty events of which a browser was notified", async () => {
      const { id } = await subscriptions.put(target("a"), choice, by("acc_a"));
      for (let n = 0; n < 32; n++) await subscriptions.noteSent(await found(id), [`evt_${n}`, `tag ${n}`]);
      await subscriptions.noteSent(await found(id), null);
      const { told, lastAt } = await found(id);
      expect([told.length, told.at(0), told.at(-1), lastAt]).toEqual([
        30,
        ["evt_2", "tag 2"],
        ["evt_31", "tag 31"],
        noon,
      ]);
    });

    it("remembers both events if two processes notify a browser at once", async () => {
      const { id } = await subscriptions.put(target("a"), choice, by("acc_a"));
      const read = await found(id);
      await Promise.all(["evt_1", "evt_2"].map((event) => subscriptions.noteSent(read, [event, "tag"])));
      expect((await found(id)).told.toSorted()).toEqual([
        ["evt_1", "tag"],
        ["evt_2", "tag"],
      ]);
      await subscriptions.remove(id, "acc_a");
      await subscriptions.noteSent(read, ["evt_3", "tag"]);
      expect(await subscriptions.get(id)).toBeNull();
    });

    it("makes one pair of keys, also for two at once", async () => {
      const open = () => new PushKeys(opened.items).read();
      const [one, other] = await Promise.all([open(), open()]);
      expect(other).toEqual(one);
      expect(await open()).toEqual(one);
      expect(Buffer.from(one.publicKey, "base64url")).toHaveLength(65);
      expect(Buffer.from(one.privateKey, "base64url")).toHaveLength(32);
    });

    async function found(id: string) {
      const one = await subscriptions.get(id);
      if (one === null) throw new Error(`there is no ${id}`);
      return one;
    }
  });
}
