/** The facts of an entry of the audit log, as its sentence names them. */
export interface Facts {
  has(member: string): boolean;
  /** The text of a member, with the names of people, boxes, devices and sites; empty if the entry has none. */
  text(member: string): string;
  /** A number, in the language of the page. */
  number(member: string): string;
  /** Whether it is exactly this value. */
  is(member: string, value: string | number | boolean): boolean;
}

const when = (isSo: boolean, text: string) => (isSo ? text : "");
const at = (f: Facts) => when(f.has("site"), ` at ${f.text("site")}`);
const ofBox = (f: Facts) => when(f.has("box"), ` at ${f.text("box")}`);
const counted = (f: Facts, one: string, many: string) => `${f.number("count")} ${f.is("count", 1) ? one : many}`;

/** What changed of a box or device, behind “changed Gate 1:”. The API logs a removed name as `none`, a zone as `usual`. */
const changes: readonly (readonly [member: string, words: (f: Facts) => string])[] = [
  ["direction", (f) => `${when(!f.is("direction", "ignore"), "direction: ")}${f.text("direction")}`],
  ["label", (f) => (f.is("label", true) ? "display name" : "no display name")],
  ["counts", (f) => (f.is("counts", true) ? "counted for who is inside" : "not counted for who is inside")],
  ["name", (f) => (f.is("name", "none") ? "no display name" : `display name: ${f.text("name")}`)],
  ["site", (f) => `site: ${f.text("site")}`],
  ["zone", (f) => `time zone: ${f.is("zone", "usual") ? "as its site or server" : f.text("zone")}`],
  ["afterMs", (f) => `silent after: ${f.text("afterMs")}`],
  ["isExpected", (f) => (f.is("isExpected", true) ? "silence expected" : "silence not expected")],
];

function changed(what: "box" | "device", f: Facts): string {
  const made = changes.filter(([member]) => f.has(member));
  if (made.length === 1 && isWay(f)) return `set ${f.text(what)} to ${f.text("direction")}`;
  return `changed ${f.text(what)}: ${made.map(([, words]) => words(f)).join(", ")}`;
}

const ruleActs: Readonly<Record<string, string>> = {
  removed: "removed",
  tested: "tested",
  resent: "sent missed entries to",
  "resend-tried": "counted missed entries of",
};

/** Whether a direction is a way, and not a rule for ways. */
export const isWay = (f: Facts) => ["in", "out", "both"].some((way) => f.is("direction", way));

const neededBy: Readonly<Record<string, string>> = {
  administrator: "administrators",
  manager: "administrators and managers",
  guard: "all people",
};

const settings: Record<string, (f: Facts) => string> = {
  alarms: (f) =>
    f.is("minutes", "never")
      ? "turned off the alarm for what no one acknowledges"
      : `set the alarm for what no one acknowledges to ${f.number("minutes")} min`,
  retention: (f) =>
    `set how long events are kept to ${f.number("eventDays")} days, and quarantine to ${f.number("quarantineDays")} days`,
  people: (f) => (f.is("isOn", true) ? "set People, presence and hours" : "switched off People, presence and hours"),
  notifications: (f) =>
    f.is("tested", true)
      ? "sent a test notification"
      : f.is("subscribed", true)
        ? "turned on notifications of a browser"
        : f.is("subscribed", false)
          ? "turned off notifications of a browser"
          : "changed notifications of a browser",
  "second-factor": (f) =>
    f.is("requiredFrom", "nobody")
      ? "made the second step of signing in optional"
      : `set that ${neededBy[f.text("requiredFrom")] ?? "people"} need a second step to sign in`,
  views: (f) =>
    f.has("view") ? "changed or removed a view" : `saved a view${when(f.is("isForEverybody", true), " for everyone")}`,
  "hours-mail": (f) =>
    f.is("removed", true) ? `ended the mail of hours${at(f)}` : `set who gets the hours${at(f)} by mail`,
};

function accountChanged(f: Facts): string {
  const who = f.text("account");
  if (f.is("password", true)) return "changed their own password";
  if (f.is("lastAdministrator", true)) return `kept the role of ${who}, the last administrator`;
  if (f.has("role")) return `set the role of ${who} to ${f.text("role")}`;
  if (f.has("disabled")) return `${f.is("disabled", true) ? "disabled" : "enabled"} the account of ${who}`;
  return f.has("sites") || f.has("boxes") ? `changed what ${who} sees` : `changed the name of ${who}`;
}

/** The sentence of each kind of entry that says more than its name does, behind the name of who did it. */
export const enSentences: Record<string, (f: Facts) => string> = {
  "key-made": (f) =>
    f.has("box")
      ? `made a key for the box ${f.text("box")}`
      : `made a key to ${f.text("scope")}${when(f.has("boxes"), `${when(!f.is("scope", "read"), " of")} ${f.text("boxes")}`)}${at(f)}`,
  "account-invited": (f) =>
    f.is("again", true)
      ? `made a new link for ${f.text("account")}`
      : f.is("first", true)
        ? "became the first administrator"
        : `invited ${f.text("account") || "a person"} as ${f.text("role")}`,
  "account-changed": accountChanged,
  "account-removed": (f) => `removed the account of ${f.text("account")}`,
  "signed-in": (f) =>
    `${f.is("again", true) ? "confirmed who they are" : "signed in"}${when(f.has("with"), `, ${f.text("with")}`)}${when(f.is("factor", "recovery"), ", by a recovery code")}${when(f.is("factor", "passkey"), ", by a passkey")}`,
  "sign-ins-refused": (f) =>
    f.is("passkeyCopied", true) ? "failed to sign in: a passkey may have been copied" : "failed to sign in",
  "sessions-ended": (f) => (f.has("account") ? `ended the sessions of ${f.text("account")}` : "ended a session"),
  "factor-added": (f) => (f.is("kind", "recovery") ? "made recovery codes" : "added a second factor"),
  "factor-removed": () => "removed a second factor",
  "factors-reset": (f) => `took the second factors of ${f.text("account")} away`,
  "event-erased": () => "erased an event; its id is not kept here",
  "person-erased": (f) =>
    `erased a person${ofBox(f)}${when(f.has("boxes"), ` at ${f.text("boxes")}`)}; no name is kept here`,
  replayed: (f) => `replayed ${f.has("record") ? "an unreadable report" : "unreadable reports"}${ofBox(f)}`,
  "dead-letters-sent": (f) => `sent undelivered entries again${when(f.has("rule"), ` by the rule ${f.text("rule")}`)}`,
  "pictures-read": (f) => `looked at ${counted(f, "picture", "pictures")} within an hour`,
  exported: (f) => `exported ${f.is("what", "people") ? "people" : f.is("what", "hours") ? "hours" : "events"}`,
  acknowledged: (f) => `acknowledged ${counted(f, "event", "events")}`,
  "rule-changed": (f) => `${ruleActs[f.text("as")] ?? "wrote"} the rule ${f.text("rule")}`,
  "setting-changed": (f) => {
    if (f.has("device")) return changed("device", f);
    if (f.has("box")) return changed("box", f);
    const of = f.has("setting") ? settings[f.text("setting")] : undefined;
    if (of !== undefined) return of(f);
    if (f.is("areSame", true)) return `answered that people${at(f)} with the same id and name are the same`;
    if (f.is("areSame", false)) return `answered that people${at(f)} with the same id and name are not the same`;
    if (f.has("areSame")) return `took back the answer whether people${at(f)} are the same`;
    if (f.has("sharesPeople"))
      return `set that the boxes${at(f)} ${f.is("sharesPeople", true) ? "" : "do not "}share people`;
    return f.has("site")
      ? `${f.is("removed", true) ? "removed" : "set"} the site ${f.text("site")}`
      : "changed a setting";
  },
  "presence-corrected": (f) =>
    f.is("removed", true) ? "took back that a person has left" : `noted that a person has left${at(f)}`,
  "roll-begun": (f) => `began ${f.is("isDrill", true) ? "a drill" : "an evacuation list"}${at(f)}`,
  "roll-ticked": (f) => `ticked ${counted(f, "person", "people")} of an evacuation list`,
  "roll-linked": (f) =>
    f.is("removed", true) ? "ended the links of an evacuation list" : "made a link of an evacuation list",
  "hours-corrected": (f) =>
    f.is("removed", true) ? "took back a correction of hours" : `corrected the hours of a person on ${f.text("day")}`,
  "last-day-set": (f) =>
    f.is("removed", true)
      ? "took back the last day of a person"
      : `set the last day of a person to ${f.text("leftOn")}`,
  "roster-changed": (f) => `changed the roster of ${f.text("month")}${at(f)}`,
  "month-closed": (f) => `closed the hours of ${f.text("month")}${at(f)}`,
  "schedule-changed": (f) => `${f.is("removed", true) ? "removed" : "changed"} a schedule${at(f)}`,
  "actions-decided": (f) => `decided ${counted(f, "request", "requests")}`,
};
