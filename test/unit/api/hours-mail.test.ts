import { mailHours } from "@gatepost/api";
import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
let manager: string;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.sites.put("hq", { zone: "Asia/Shanghai", name: "HQ" });
  await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
  manager = await addAccount(deps, "manager", { name: "chen", sites: ["hq"] });
});

/** A time of November 2026 by the clocks of the site. The second is a Monday. */
const at = (time: string) => Date.parse(`2026-11-${time.replace(" ", "T")}:00+08:00`);

async function pass(id: string, time: string) {
  const body = passing({ identity_id: id, identity_name: `P${id}`, group_name: "Office", timestamp: at(time) });
  await deps.deliver(body, { receivedAt: at(time) + 500 });
}

async function ask(method: string, body?: object, headers: Record<string, string> = {}) {
  const path = body === undefined ? "/v1/hours/mail?site=hq" : "/v1/hours/mail";
  const answer = await deps.ask(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
}

const put = (changes: object = {}) =>
  ask("PUT", { site: "hq", to: [manager], at: "08:00", what: "yesterday", ...changes });

const send = (mayBegin?: () => boolean) => mailHours({ ...deps.deps, mailer: deps.ingest.mailer }, mayBegin);

/** The subjects of the mails that are sent by a time. */
async function mailedBy(time: string): Promise<string[]> {
  deps.ingest.now = at(time);
  const before = deps.ingest.mails.length;
  await send();
  return deps.ingest.mails.slice(before).map(({ subject }) => subject);
}

describe("the mail of hours", () => {
  it("the hours of yesterday are sent once a day, at the time of the site", async () => {
    await pass("00042", "04 08:54");
    await pass("00042", "04 17:36");
    deps.ingest.now = at("04 20:00");
    expect((await put()).body).toEqual({
      site: "hq",
      to: [manager],
      at: "08:00",
      what: "yesterday",
      namesOpen: false,
      doneOn: "2026-11-04",
    });
    expect(await mailedBy("05 07:59")).toEqual([]);
    expect(await mailedBy("05 08:00")).toEqual(["Hours HQ 2026-11-04"]);
    expect(await mailedBy("05 08:01")).toEqual([]);
    expect(await mailedBy("06 09:30")).toEqual(["Hours HQ 2026-11-05"]);
    const [{ to, lines, files }] = deps.ingest.mails as [(typeof deps.ingest.mails)[0]];
    expect(to).toEqual([(await deps.deps.accounts.get(manager))?.email]);
    expect(lines).toContain("People: 1. Days late: 0, absent: 0, without last out: 0.");
    expect(files.map(({ name }) => name)).toEqual(["hours-hq-2026-11-04.csv", "hours-hq-2026-11-04.xlsx"]);
    expect(files[0]?.bytes.toString()).toContain('"2026-11-04T08:54:00+08:00"');
    expect(files[1]?.bytes.subarray(0, 2).toString()).toBe("PK");
  });

  it("the people without a last out are named, up to 50", async () => {
    const facts = { name: "Office", groups: ["Office"], start: "09:00", end: "18:00", lateAfter: 0, earlyBefore: 0 };
    const windows = { inWindow: ["05:00", "12:00"], outWindow: ["12:00", "23:00"], validFrom: "2026-10-01" };
    const schedule = { site: "hq", ...facts, ...windows, weekdays: [3, 4], openDays: "end" };
    const written = { method: "PUT", body: JSON.stringify(schedule) };
    expect((await deps.ask("/v1/schedules/sch_office", written)).status).toBe(200);
    deps.ingest.now = at("04 20:00");
    await put({ namesOpen: true });
    const body = passing({ identity_id: "7", identity_name: "Li\r\nBcc: x", timestamp: at("05 09:00") });
    await deps.deliver(body, { receivedAt: at("05 09:00") });
    const blank = passing({ identity_id: "m3", identity_name: "\u3000", timestamp: at("05 09:00") });
    await deps.deliver(blank, { receivedAt: at("05 09:00") });
    for (const day of ["04", "05"]) await pass("00042", `${day} 08:54`);
    await mailedBy("05 08:00");
    for (let id = 100; id < 151; id++) await pass(`${id}`, "05 10:00");
    await mailedBy("06 08:00");
    const named = deps.ingest.mails.map(({ lines }) => lines.filter((line) => line.includes("without last out: P")));
    expect(named[0]).toEqual(["2026-11-04 without last out: P00042 (00042), ended with the shift"]);
    const lines = deps.ingest.mails[1]?.lines ?? [];
    expect(lines).toContain("2026-11-05 without last out: Li Bcc: x (7)");
    expect(lines).toContain("2026-11-05 without last out: m3");
    expect(lines).toContain("and 4 more days without last out");
    expect(lines.filter((line) => line.startsWith("2026-11-05 without"))).toHaveLength(50);
  });

  it("the hours of a week are sent on Monday, or later if it was missed", async () => {
    deps.ingest.now = at("04 20:00");
    expect((await put({ what: "last-week" })).body["doneOn"]).toBe("2026-11-02");
    expect(await mailedBy("08 23:59")).toEqual([]);
    expect(await mailedBy("10 03:00")).toEqual(["Hours HQ 2026-11-02 – 2026-11-08"]);
    expect(await mailedBy("11 08:00")).toEqual([]);
  });

  it("a mail that is set after its time is first sent on the next day", async () => {
    deps.ingest.now = at("05 09:00");
    await put();
    expect(await mailedBy("05 09:01")).toEqual([]);
    expect(await mailedBy("06 08:00")).toHaveLength(1);
    deps.ingest.now = at("06 08:30");
    expect((await put({ at: "09:00" })).body["doneOn"]).toBe("2026-11-06");
    expect(await mailedBy("06 09:00")).toEqual([]);
  });

  it("one of two processes sends a mail", async () => {
    deps.ingest.now = at("04 20:00");
    await put();
    deps.ingest.now = at("05 08:00");
    await Promise.all([send(), send()]);
    expect(deps.ingest.mails).toHaveLength(1);
  });

  it("a mail for which there is no time is sent at the next call", async () => {
    deps.ingest.now = at("04 20:00");
    await put();
    deps.ingest.now = at("05 08:00");
    await send(() => false);
    expect(deps.ingest.mails).toEqual([]);
    await send();
    expect(deps.ingest.mails).toHaveLength(1);
  });

  it("a mail that is refused is sent again after five minutes", async () => {
    deps.ingest.now = at("04 20:00");
    await put();
    deps.ingest.mailFailure = "e-mail 451: the server had an internal error";
    expect(await mailedBy("05 08:00")).toEqual([]);
    deps.ingest.mailFailure = null;
    expect(await mailedBy("05 08:04")).toEqual([]);
    expect(await mailedBy("05 08:05")).toHaveLength(1);
  });

  it("an account that may no longer read the hours gets no mail", async () => {
    deps.ingest.now = at("04 20:00");
    const other = await addAccount(deps, "manager", { name: "gone" });
    await put({ to: [manager, other] });
    await deps.deps.accounts.change(other, { role: "guard" });
    expect(await mailedBy("05 08:00")).toHaveLength(1);
    expect(deps.ingest.mails[0]?.to).toHaveLength(1);
    await deps.deps.accounts.change(manager, { isDisabled: true });
    expect(await mailedBy("06 08:00")).toEqual([]);
    expect(await mailedBy("07 08:00")).toEqual([]);
  });
});

describe("PUT /v1/hours/mail", () => {
  it("is refused to a manager of a part of the site", async () => {
    await deps.deps.boxes.writer.set("gate-2", { site: "hq" });
    const part = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-1"] }));
    const mail = { site: "hq", to: [manager], at: "08:00", what: "yesterday" };
    expect(await ask("PUT", mail, part)).toMatchObject({ status: 403, body: { code: "part-of-site" } });
    expect(await put()).toMatchObject({ status: 200 });
  });

  it.each([
    ["a guard", "guard", {}],
    ["a manager of another site", "manager", { sites: ["depot"] }],
    ["a manager of its box alone", "manager", { boxes: ["gate-1"] }],
  ] as const)("%s cannot be an address", async (_, role, sight) => {
    const refused = await addAccount(deps, role, sight);
    const answer = await put({ to: [manager, refused] });
    expect(answer.status).toBe(400);
    expect(answer.body["detail"]).toContain(refused);
  });

  it.each([
    [{ to: [] }],
    [{ to: ["chen.min@example.com"] }],
    [{ to: Array.from({ length: 21 }, (_, n) => `acc_${n}`) }],
    [{ at: "24:00" }],
    [{ what: "today" }],
    [{ namesOpen: "yes" }],
    [{ more: 1 }],
  ])("%j is refused", async (changes) => {
    expect((await put(changes)).status).toBe(400);
  });

  it("without a rule that sends e-mail, it is refused with the reason", async () => {
    deps.deps.mailer = { language: () => null };
    expect(await put()).toMatchObject({ status: 409, body: { code: "no-mail" } });
  });

  it("a manager of another site sees, sets and removes nothing", async () => {
    await put();
    const stranger = await signedIn(deps, await addAccount(deps, "manager", { name: "x", sites: ["depot"] }));
    const statuses = [
      (await ask("GET", undefined, stranger)).status,
      (await ask("PUT", { site: "hq", to: [manager], at: "08:00", what: "yesterday" }, stranger)).status,
      (await ask("DELETE", undefined, stranger)).status,
    ];
    expect(statuses).toEqual([404, 404, 404]);
  });

  it("a mail is shown until it is removed", async () => {
    expect((await ask("GET")).body).toEqual({ mail: null, isSetUp: true });
    await put();
    expect((await ask("GET")).body).toMatchObject({ mail: { to: [manager], at: "08:00" } });
    expect((await ask("DELETE")).status).toBe(204);
    expect((await ask("DELETE")).status).toBe(404);
    expect(await mailedBy("30 08:00")).toEqual([]);
  });
});
