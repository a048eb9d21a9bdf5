import { type FileMail, includes, type Mailer } from "@gatepost/core/accounts";
import { dayNumber, dayText, type HoursMail, weekdayOf } from "@gatepost/core/hours";
import { Zone } from "@gatepost/core/zones";
import { dayMs, minuteMs } from "@gatepost/protocol";
import { type Cell, csvHead, csvLine } from "../exports/csv.ts";
import { rowsATurn, workbook } from "../exports/xlsx.ts";
import { inTurns } from "../people/in-turns.ts";
import type { ApiPorts, HoursDeps } from "../ports.ts";
import { monthsOf } from "./closed.ts";
import { hoursColumns, hoursRows } from "./table.ts";

type Deps = HoursDeps & Pick<ApiPorts, "hoursMails" | "log"> & { mailer: Mailer };

/**
 * ms for which a process has a mail to send, and after which one that was not taken is tried again. A process that may be
 * ended must end sooner.
 */
const againMs = 5 * minuteMs;

/** Most rows in the files of a mail: servers of mail take some megabytes. */
const maxRows = 20_000;

/**
 * Sends the mails of hours that are due. Call it every few minutes. A mail is sent once for each of its days, also after
 * a restart, or if several processes call this; a process that ends while it sends leaves it to another try, so then it
 * may arrive twice. A mail that is late is sent on the same day, of a week until the next Monday.
 *
 * @param mayBegin whether there is time for one more mail; the others are left to the next call
 */
export async function mailHours(deps: Deps, mayBegin: () => boolean = () => true): Promise<void> {
  const { mailer, hoursMails, peopleSettings, log } = deps;
  const language = mailer.language();
  if (language === null || !(await peopleSettings.read()).isOn) return;
  for (const mail of await hoursMails.all()) {
    if (!mayBegin()) return;
    await mailOne(mail, { mailer, language }, deps).catch((cause: unknown) => {
      log.error("hours not mailed, trying again", { site: mail.site, cause });
    });
  }
}

async function mailOne(mail: HoursMail, by: { mailer: Mailer; language: "zh" | "en" }, deps: Deps): Promise<void> {
  const { hoursMails, log, clock } = deps;
  const { site } = mail;
  const zone = await zoneOf(site, deps);
  const now = clock();
  const { day, isOver } = turnOf(mail, zone, now);
  if (!isOver || mail.doneOn >= day) return;
  if (!(await hoursMails.claim(site, { day, now, until: now + againMs }))) return;
  const to = await addressesOf(mail, deps);
  if (to.length === 0) {
    log.warn("hours not mailed: none of the accounts may read them any more", { site });
    return hoursMails.done(site, day);
  }
  const failure = await by.mailer.send({ to, ...(await filesOf(mail, { day, zone, ...by }, deps)) });
  if (failure !== null) {
    log.warn("hours not mailed, trying again", { site, reason: failure });
    return;
  }
  await hoursMails.done(site, day);
  log.info("hours mailed", { site, day, addresses: to.length });
}

/** The day of the next mail, or of the one that is due, and whether its time is over. */
function turnOf(
  { what, at }: Pick<HoursMail, "what" | "at">,
  zone: Zone,
  now: number,
): { day: string; isOver: boolean } {
  const today = zone.dayOf(now);
  const [hours = "", minutes = ""] = at.split(":");
  const hasStruck = zone.localOf(now) - today * dayMs >= (Number(hours) * 60 + Number(minutes)) * minuteMs;
  const day = what === "yesterday" ? today : today - weekdayOf(today) + 1;
  return { day: dayText(day), isOver: day < today || hasStruck };
}

/** The last day whose mail is not sent any more if it is set now: the first mail is at its next time. */
export async function doneOf(
  mail: Pick<HoursMail, "site" | "what" | "at">,
  deps: Pick<Deps, "sites" | "clock">,
): Promise<string> {
  const { day, isOver } = turnOf(mail, await zoneOf(mail.site, deps), deps.clock());
  return isOver ? day : dayText(dayNumber(day) - 1);
}

async function zoneOf(site: string, { sites }: Pick<Deps, "sites">): Promise<Zone> {
  const { zone } = (await sites.get(site)) ?? sites.unset(site);
  return Zone.find(zone) ?? Zone.utc;
}

/** The addresses of the accounts that may read the hours of the whole site now. */
async function addressesOf({ site, to }: HoursMail, deps: Deps): Promise<string[]> {
  const found = await Promise.all(to.map((id) => addressOf(id, site, deps)));
  return found.filter((address) => address !== null);
}

/**
 * The address of an account that may read the hours of a whole site, also of boxes that it gets later; null for any other
 * account, for one without an address, or before its person has accepted the invitation: until then, no one has shown
 * that the address is right.
 */
export async function addressOf(
  id: string,
  site: string,
  { accounts }: Pick<Deps, "accounts">,
): Promise<string | null> {
  const account = await accounts.get(id);
  if (account === null || account.isDisabled || account.with === null || !includes(account.role, "manager"))
    return null;
  const { sites, boxes, email } = account;
  return (sites === null && boxes === null) || sites?.includes(site) === true ? email : null;
}

async function filesOf(
  { site, what, namesOpen }: HoursMail,
  { day, zone, language }: { day: string; zone: Zone; language: "zh" | "en" },
  deps: Deps,
): Promise<Omit<FileMail, "to">> {
  const last = dayNumber(day) - 1;
  const [from, to] = [dayText(what === "yesterday" ? last : last - 6), dayText(last)];
  const filter = { site, from, to, boxes: await deps.boxes.reader.boxesOf(site) };
  const rows: Cell[][] = [];
  for (const month of monthsOf({ from, to })) rows.push(...(await hoursRows(filter, month, deps)));
  const { name } = (await deps.sites.get(site)) ?? deps.sites.unset(site);
  const days = from === to ? from : `${from} – ${to}`;
  const say = words[language];
  const isTooLong = rows.length > maxRows;
  return {
    subject: say.subject(name ?? site, days),
    lines: [
      say.title(name ?? site, days, zone.name),
      say.sums(sumsOf(rows)),
      ...(namesOpen ? openLines(rows, say) : []),
      isTooLong ? say.tooLong : say.attached,
      say.mayChange,
    ],
    files: isTooLong ? [] : await tablesOf(rows, `hours-${site.replace(/[^\p{L}\p{N}_-]/gu, "_")}-${to}`),
  };
}

async function tablesOf(rows: readonly Cell[][], name: string): Promise<FileMail["files"]> {
  const lines = [csvHead(hoursColumns)];
  await inTurns(rows, rowsATurn, (cells) => void lines.push(csvLine(cells)));
  return [
    { name: `${name}.csv`, contentType: "text/csv; charset=utf-8", bytes: Buffer.from(lines.join("")) },
    {
      name: `${name}.xlsx`,
      contentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      bytes: await workbook(hoursColumns, rows),
    },
  ];
}

/** Days that are named in a mail, at most. */
const maxNamed = 50;

/** The people and days without a last out, also the ones that ended by a rule. */
function openLines(rows: readonly Cell[][], say: (typeof words)["en"]): string[] {
  const [id, name, day, state, flags] = ["id", "name", "day", "state", "flags"].map((title) =>
    hoursColumns.indexOf(title),
  );
  const textOf = (row: readonly Cell[], at = 0) => `${row[at] ?? ""}`.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
  const isEnded = (row: readonly Cell[]) => textOf(row, flags).split(" ").includes("ended-by-rule");
  const open = rows.filter((row) => textOf(row, state) === "open" || isEnded(row));
  const lines = open.slice(0, maxNamed).map((row) => {
    const { date } = row[day ?? 0] as { date: string };
    const called = textOf(row, name).trim();
    return say.open(called === "" ? textOf(row, id) : `${called} (${textOf(row, id)})`, date, isEnded(row));
  });
  return open.length > maxNamed ? [...lines, say.more(open.length - maxNamed)] : lines;
}

interface Sums {
  people: number;
  late: number;
  absent: number;
  open: number;
}

/** People, and days of them. */
function sumsOf(rows: readonly Cell[][]): Sums {
  const [library, id, state, late] = ["library", "id", "state", "late"].map((title) => hoursColumns.indexOf(title));
  const cell = (row: readonly Cell[], at = 0) => row[at] ?? null;
  const countOf = (isMeant: (row: readonly Cell[]) => boolean) => rows.filter(isMeant).length;
  return {
    people: new Set(rows.map((row) => JSON.stringify([cell(row, library), cell(row, id)]))).size,
    late: countOf((row) => Number(cell(row, late)) > 0),
    absent: countOf((row) => cell(row, state) === "absent"),
    open: countOf((row) => cell(row, state) === "open"),
  };
}

const words = {
  en: {
    subject: (site: string, days: string) => `Hours ${site} ${days}`,
    title: (site: string, days: string, zone: string) => `Hours of ${site}, ${days} (${zone})`,
    sums: ({ people, late, absent, open }: Sums) =>
      `People: ${people}. Days late: ${late}, absent: ${absent}, without last out: ${open}.`,
    open: (who: string, day: string, isEnded: boolean) =>
      `${day} without last out: ${who}${isEnded ? ", ended with the shift" : ""}`,
    more: (days: number) => `and ${days} more days without last out`,
    attached: "The days are attached, as xlsx and csv.",
    tooLong: "There are too many days for a mail: export them in the console.",
    mayChange: "Late reports and corrections may still change them.",
  },
  zh: {
    subject: (site: string, days: string) => `考勤 ${site} ${days}`,
    title: (site: string, days: string, zone: string) => `${site} 的考勤，${days}（${zone}）`,
    sums: ({ people, late, absent, open }: Sums) =>
      `人数：${people}。迟到 ${late} 天，缺勤 ${absent} 天，无末次离开 ${open} 天。`,
    open: (who: string, day: string, isEnded: boolean) => `${day} 无末次离开：${who}${isEnded ? "，按下班时间计" : ""}`,
    more: (days: number) => `另有 ${days} 天无末次离开`,
    attached: "明细见附件：xlsx 和 csv。",
    tooLong: "天数太多，邮件放不下：请在控制台导出。",
    mayChange: "迟到的上报和更正仍可能改变这些数据。",
  },
};
