import { actionRequested, type BusEntry, type Report } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { awsAlerts } from "../../../packages/aws/src/runtime/alerts.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { everyChannel } from "../../standins/channels/every.ts";
import { WecomRobot } from "../../standins/channels/wecom.ts";
import { changedAt } from "../../support/changed-at.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { action, noon, picture, report, upsert } from "../samples.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

const second = 1000;
const minute = 60 * second;

onStandIns((standIns) => {
  describe("people who get alerts on AWS", () => {
    let deps: TestRuntime;
    let robot: WecomRobot;
    let now = noon;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      now = noon;
      robot = await new WecomRobot(() => now).listen();
    });
    afterEach(async () => {
      await robot.close();
      await deps.close();
    });

    const setClock = (time: number) => {
      now = time;
      deps.setClock(time);
    };
    const cursorSecret = Buffer.alloc(32, 7).toString("base64");

    /** A process of the function that alerts people. */
    function teller(
      others: Record<string, unknown> = {},
      rule: Record<string, unknown> = {},
      secrets: Record<string, unknown> = { url: robot.url },
    ) {
      const target = { type: "wecom", allowPrivate: true, ...others };
      const env = {
        ...environmentOf(deps.names),
        GATEPOST_ALERTS: JSON.stringify([{ name: "people", target, ...rule }]),
        GATEPOST_ALERT_SECRETS: JSON.stringify({ people: secrets }),
        GATEPOST_CURSOR_SECRET: cursorSecret,
        GATEPOST_PUBLIC_URL: "https://gate.example/",
      };
      return awsAlerts(deps.ingest, env, { clients: deps.clients, limits: patient });
    }

    /** A message of the queue, as EventBridge puts it there. */
    async function message(
      n: number,
      person: Record<string, unknown> = {},
      rule = "people",
      others: Partial<Report> = {},
    ) {
      const enqueued = action(`e${n}`, "1002");
      const told = report({ person: { id: `p${n}`, name: `人 ${n}`, type: "vip", ...person }, ...others });
      const { event } = await deps.ingest.index.upsert(upsert(`e${n}`, { action: enqueued, report: told }));
      if (event === null) throw new Error("it is stored already");
      const entry: BusEntry = actionRequested(event, enqueued, {
        addressOf: (one) => deps.ingest.pictures.address(one),
        now,
      });
      const { detailType, ...rest } = entry;
      return { messageId: `${n}`, body: JSON.stringify({ rule, envelope: { ...rest, "detail-type": detailType } }) };
    }

    /** The status of the API's answer to a request without a key. */
    async function statusOf(path: string, method = "GET"): Promise<number> {
      const { api } = await import("@gatepost/api");
      return (await api(deps.reads).request(path, { method })).status;
    }

    /** The picture that a link in an alert opens, without a key. */
    async function linkedPicture(text: string): Promise<Buffer> {
      const link = /[("<]https:\/\/gate\.example(\/v1\/pictures\/[\w-]+)[)"|]/.exec(text)?.[1] ?? "";
      const { api } = await import("@gatepost/api");
      const answer = await api(deps.reads).request(link);
      expect(answer.status).toBe(200);
      return Buffer.from(await answer.arrayBuffer());
    }

    it("are alerted, and the message is done", async () => {
      const tell = teller();
      expect(await tell({ Records: [await message(1)] })).toEqual({ batchItemFailures: [] });
      expect(robot.texts).toHaveLength(1);
      expect(robot.texts[0]).toContain("**底库照片待更新：人 1**");
      expect(robot.texts[0]).toMatch(/\]\(https:\/\/gate\.example\/#\/events\/evt_/);
      expect(robot.texts[0]).toMatch(/\]\(https:\/\/gate\.example\/v1\/mutes\//);
    });

    it.each(Object.entries(everyChannel))(
      "are alerted over %s, with the picture, once the channel works again",
      async (_, open) => {
        const channel = await open(() => now);
        onTestFinished(() => channel.close());
        const tell = teller(channel.target, {}, channel.secrets);
        const face = picture("face");
        await putPicture(deps.ingest.pictures, "2026-11", "face", face, upsert("e1").eventId);
        const { data, ...facts } = face;
        const told = await message(1, {}, "people", { pictures: { face: facts } });
        channel.breakDown();
        expect(await tell({ Records: [told] })).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
        channel.mend();
        for (let n = 0; n < 2; n++) expect(await tell({ Records: [told] })).toEqual({ batchItemFailures: [] });
        const [arrived, ...more] = channel.arrived();
        expect([arrived?.text, more]).toEqual([expect.stringContaining("底库照片待更新：人 1"), []]);
        if (arrived?.picture === null) expect(await linkedPicture(arrived.text)).toEqual(data);
        else expect(arrived?.picture).toEqual(data);
      },
    );

    it("get one alert and one summary of a storm from several processes", async () => {
      const tellers = [teller(), teller(), teller()];
      const messages = await Promise.all(Array.from({ length: 60 }, (_, n) => message(n)));
      // The queue sends messages again that did not get their turn at the row of the channel.
      const deliver = async (tell: ReturnType<typeof teller>, records: typeof messages): Promise<void> => {
        const { batchItemFailures } = await tell({ Records: records });
        const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
        if (failed.length > 0)
          await deliver(
            tell,
            records.filter(({ messageId }) => failed.includes(messageId)),
          );
      };
      await Promise.all(tellers.map((tell, n) => deliver(tell, messages.slice(n * 20, (n + 1) * 20))));
      expect(robot.texts).toHaveLength(1);
      await tellers[0]?.({});
      expect(robot.texts).toHaveLength(1);
      setClock(noon + minute);
      await tellers[0]?.({});
      await teller()({});
      expect(robot.texts).toHaveLength(2);
      expect(robot.texts[1]).toContain("另有 59 条提醒");
    });

    it("are alerted again after a failed alert, and not after a delivered one", async () => {
      const tell = teller();
      const first = await message(1);
      robot.troubles.push({ body: { errcode: -1, errmsg: "busy" } });
      expect(await tell({ Records: [first] })).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
      expect(await teller()({ Records: [first] })).toEqual({ batchItemFailures: [] });
      expect(robot.texts).toHaveLength(1);
      setClock(noon + minute);
      expect(await tell({ Records: [await message(2, { id: "p1" })] })).toEqual({ batchItemFailures: [] });
      expect(robot.texts).toHaveLength(1);
    });

    it("are alerted once of a message that the queue delivers twice, even without cooldown", async () => {
      for (const cooldownSeconds of [300, 0]) {
        const before = robot.texts.length;
        const twice = await message(cooldownSeconds + 1);
        const tell = teller({ cooldownSeconds });
        for (const again of [tell, tell, teller({ cooldownSeconds })]) {
          expect(await again({ Records: [twice] })).toEqual({ batchItemFailures: [] });
        }
        expect(robot.texts).toHaveLength(before + 1);
        setClock(now + minute);
      }
    });

    it.each(["{", "{}", '{"rule":1}', '{"rule":"people"}', "null", '{"rule":"people","envelope":{"id":"a"}}'])(
      "are alerted of the other messages of a batch if one is %s",
      async (body) => {
        const records = [{ messageId: "bad", body }, await message(1)];
        expect(await teller()({ Records: records })).toEqual({ batchItemFailures: [{ itemIdentifier: "bad" }] });
        expect(robot.texts).toHaveLength(1);
        expect(deps.lines.some(({ level }) => level !== "info")).toBe(true);
      },
    );

    it("get no alerts for an hour of a person muted by the button", async () => {
      const tell = teller({ cooldownSeconds: 0 });
      const again = async (n: number, after: number) => {
        setClock(now + after);
        await tell({ Records: [await message(n, { id: "p1" })] });
        return robot.texts.length;
      };
      expect(await again(1, 0)).toBe(1);
      const link = /\/v1\/mutes\/[\w-]+/.exec(robot.texts[0] ?? "")?.[0] ?? "";
      expect(await statusOf(link)).toBe(200);
      expect(await again(2, minute)).toBe(2);
      expect(await statusOf(link, "POST")).toBe(200);
      expect(await again(3, minute)).toBe(2);
      await tell({ Records: [await message(4, { id: "other" })] });
      expect(robot.texts).toHaveLength(3);
      setClock(now + minute);
      await tell({ Records: [await message(5, { id: "p1", type: "blacklist" })] });
      expect(robot.texts[3]).toContain("黑名单");
      expect(await again(6, 60 * minute)).toBe(5);
      setClock(now + 24 * 60 * minute);
      expect(await statusOf(link, "POST")).toBe(410);
      expect(await statusOf(changedAt(link, -2), "POST")).toBe(404);
    });

    it("get delayed alerts after their quiet hours, with a picture link for a day", async () => {
      const channel = await everyChannel.dingtalk(() => now);
      onTestFinished(() => channel.close());
      const quiet = { from: "20:00", to: "20:30", zone: "Asia/Shanghai" };
      const tell = teller({ ...channel.target, quiet }, {}, channel.secrets);
      const face = picture("face");
      await putPicture(deps.ingest.pictures, "2026-11", "face", face, upsert("e1").eventId);
      const { data, ...facts } = face;
      await tell({ Records: [await message(1, {}, "people", { pictures: { face: facts } })] });
      await tell({});
      expect(channel.arrived()).toEqual([]);
      setClock(noon + 30 * minute);
      await tell({});
      const [{ text } = { text: "" }] = channel.arrived();
      expect(text).toContain("人 1");
      expect(await linkedPicture(text)).toEqual(data);
      const link = /\/v1\/pictures\/[\w-]+/.exec(text)?.[0] ?? "";
      setClock(noon + 24 * 60 * minute);
      expect(await statusOf(link)).toBe(200);
      await deps.reads.eraser.eraseEvent(upsert("e1").eventId);
      expect(await statusOf(link)).toBe(404);
      setClock(noon + (24 * 60 + 31) * minute);
      expect(await statusOf(link)).toBe(410);
    });

    it("get the picture, until an erasure", async () => {
      const face = picture("face");
      const enqueued = action("shown", "1002");
      await putPicture(deps.ingest.pictures, "2026-11", "face", face, upsert("shown").eventId);
      const { data: _, ...facts } = face;
      await deps.ingest.index.upsert(
        upsert("shown", { action: enqueued, report: report({ pictures: { face: facts } }) }),
      );
      const { eventId } = upsert("shown");
      const envelope = { id: "a", "detail-type": "Base Photo Update Requested", detail: { event: { id: eventId } } };
      const record = { messageId: "1", body: JSON.stringify({ rule: "people", envelope }) };
      await teller()({ Records: [record] });
      expect(robot.pictures).toEqual([face.data]);
      await deps.reads.eraser.eraseEvent(eventId);
      setClock(noon + minute);
      expect(await teller({ cooldownSeconds: 0 })({ Records: [record] })).toEqual({ batchItemFailures: [] });
      expect(robot.texts).toHaveLength(1);
    });

    it("get no alert of a message that is too old or whose rule is unusable", async () => {
      const old = await message(1);
      setClock(noon + 2 * minute);
      expect(await teller({}, { maxAgeSeconds: 60 })({ Records: [old] })).toEqual({ batchItemFailures: [] });
      expect(robot.texts).toEqual([]);
      const refused = teller({ allowPrivate: false });
      expect(await refused({ Records: [old] })).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
      const reasons = deps.lines
        .filter(({ level }) => level === "error")
        .map(({ message: said, facts }) => [said, facts]);
      expect(reasons).toContainEqual([
        "rule left out",
        { rule: "people", reason: expect.stringContaining("127.0.0.1 is no public address") },
      ]);
      expect(JSON.stringify(reasons)).not.toContain(robot.key);
    });

    it("are remembered in rows that end by themselves", async () => {
      await teller()({ Records: [await message(1)] });
      const { Items = [] } = await import("@aws-sdk/client-dynamodb").then(({ ScanCommand }) =>
        deps.clients.dynamo.send(new ScanCommand({ TableName: deps.names.table })),
      );
      const rows = Items.filter(({ pk }) => pk?.S?.startsWith("alert "));
      expect(rows.map(({ pk }) => pk?.S?.split(" ")[1]).toSorted()).toEqual(["channel", "cooldown", "rule"]);
      for (const { ttl } of rows) expect(Number(ttl?.N)).toBeGreaterThan(noon / second);
      expect(JSON.stringify(rows)).not.toMatch(/人 1|"p1"|693a91f6/);
    });
  });
});
