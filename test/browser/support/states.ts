import type { Page } from "playwright-core";
import { changes } from "./visitor.ts";

/** Every page of the console that needs no id, with its address. */
export const pages = {
  live: "#/live",
  "live-list": "#/live?view=list",
  screen: "#/live?screen=1",
  events: "#/events",
  "events-none": "#/events?q=nobody&type=vip",
  actions: "#/actions",
  "actions-declined": "#/actions?state=declined",
  "actions-done": "#/actions?state=done",
  people: "#/people",
  inside: "#/inside",
  hours: "#/hours?by=day",
  "hours-week": "#/hours?by=week",
  "hours-month": "#/hours?by=month",
  schedules: "#/hours/schedules",
  "new-schedule": "#/hours/schedules/new",
  roster: "#/hours/roster",
  boxes: "#/boxes",
  box: "#/boxes/garage",
  "new-box": "#/boxes/new",
  problems: "#/problems",
  "problems-deadletters": "#/problems?tab=deadletters",
  "problems-flags": "#/problems?tab=flags",
  teach: "#/problems/teach?box=gate-1&path=/HistoryEvent",
  rules: "#/rules",
  "rules-new": "#/rules/new",
  statistics: "#/statistics",
  settings: "#/settings",
  "settings-you": "#/settings/you",
  "settings-browser": "#/settings/browser",
  "settings-people": "#/settings/people",
  "settings-sites": "#/settings/sites",
  "settings-keys": "#/settings/keys",
  "settings-alarms": "#/settings/alarms",
  "settings-retention": "#/settings/retention",
  "settings-erase": "#/settings/erase",
  "settings-taught": "#/settings/taught",
  "settings-log": "#/settings/log",
  "settings-about": "#/settings/about",
} as const;

/** The subjects of the other pages. */
export interface Ids {
  event: string;
  stranger: string;
  /** As an address has it: the library and the id. */
  person: string;
  roll: string;
  invitation: string;
  /** A day with hours, as `2026-11-16`. */
  day: string;
}

/** Every page of a user who is signed in, with its address. */
export function pagesOf({ event, stranger, person, roll, day }: Omit<Ids, "invitation">): Record<string, string> {
  return {
    ...pages,
    event: `#/events/${event}`,
    stranger: `#/strangers/${stranger}`,
    person: `#/people/${person}`,
    roll: `#/inside/roll/${roll}`,
    hours: `#/hours?by=day&at=${day}`,
    "hours-week": `#/hours?by=week&at=${day}`,
    "hours-month": `#/hours?by=month&at=${day}`,
    setup: "#/setup",
  };
}

/** The pages of a visitor who is not signed in. */
export function doorsOf({ invitation }: Pick<Ids, "invitation">): Record<string, string> {
  return { "sign-in": "#/sign-in", invite: `#/invite/${invitation}` };
}

/** Requests for what a page shows; who is signed in is known, and changes arrive. */
const asked = /\/v1\/(?!me|tickets|sign-in|events\?order=received)/;

/** Unusual states of every page: set up before a user signs in. */
export const conditions: Record<string, (page: Page) => Promise<unknown>> = {
  usual: async () => {},
  loading: (page: Page) => page.route(asked, () => {}),
  failing: (page: Page) =>
    page.route(asked, (route) =>
      route.fulfill({ status: 503, headers: { "retry-after": "60" }, json: { detail: "the disk is full" } }),
    ),
  missing: (page: Page) =>
    page.route(asked, (route) => route.fulfill({ status: 404, json: { detail: "there is nothing at this address" } })),
  offline: (page: Page) => page.route(changes, (route) => route.abort()),
};

/** Parts that are folded or ask first: the page (`event`: the page of one), and how to open them, in both languages. */
interface Opened {
  hash: string;
  open(page: Page): Promise<unknown>;
}

export const openings: Record<string, Opened> = {
  paused: at("#/live", /^(Pause|暂停)$/),
  "filter-time": at("#/events", /^(Time|时间)/),
  "filter-kind": at("#/events", /^(Kind|人员类型)$/),
  "filter-box": at("#/events", /^(Box|盒子)$/),
  export: at("#/events?box=gate-1", /^(Export|导出)$/),
  approve: at("#/actions", /^(Register…|登记…)$/),
  compare: at("#/actions", /^(Compare…|核对照片…)$/),
  "action-menu": at("#/actions", /^(More|更多)[：:]/),
  undo: at("#/actions", /^(Undo|撤销)$/),
  silence: at("#/boxes/garage", /^(Change|修改)$/),
  "new-rule": at("#/rules", /^(New rule|新建规则)$/),
  "rule-of-visitors": at("#/rules", /^(a visitor arrives|访客到达)$/),
  "rule-of-targets": at("#/rules", /^(a rule’s target fails|规则无法送达)$/),
  "rule-that-tells": { hash: "#/rules", open: writeAlert },
  "leave-rule": {
    hash: "#/rules",
    async open(page) {
      await writeAlert(page);
      await page.evaluate("location.hash = '#/boxes'");
      await leaveButton(page).waitFor();
    },
  },
  "erase-event": at("event", /^(Erase this event|删除这条记录)$/),
  "remove-rule": at("#/rules", /^(Remove the rule|删除规则)$/),
  "invite-person": at("#/settings/people", /^(Invite|邀请)$/),
  "new-site": at("#/settings/sites", /^(New site|新建站点)$/),
  "edit-site": at("#/settings/sites", /^(Edit|修改): /),
  "log-filter": at("#/settings/log", /^(What|操作)$/),
  "new-key": at("#/settings/keys", /^(New key|新建密钥)$/),
  retention: at("#/settings/retention", /^(Change|修改)$/),
  "erase-person": {
    hash: "#/settings/erase",
    async open(page) {
      await page.getByLabel(/^(Person id|人员编号)$/).fill("888007");
      await buttonOf(page, /^(Find|查找)$/).click();
    },
  },
  keyboard: { hash: "#/events", open: (page) => page.keyboard.press("?") },
  palette: {
    hash: "#/events",
    async open(page) {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("gate");
    },
  },
  "save-view": at("#/events?type=stranger", /^(Save view|保存视图)$/),
  more: at("#/live", /^(More|更多)$/),
};

async function writeAlert(page: Page): Promise<void> {
  await buttonOf(page, /^(New rule|新建规则)$/).click();
  await page.getByLabel(/^(Send to|通知)/).selectOption("dingtalk");
}

const leaveButton = (page: Page) => buttonOf(page, /^(Leave without saving|不保存，离开)$/);

/** Leaves what an opening has written, so that the next page can be opened. */
export async function leaveWritten(page: Page): Promise<void> {
  // A dialogue that was opened before is closed.
  await page.keyboard.press("Escape");
  if ((await page.getByText(/^(unsaved|未保存)$/).count()) === 0) return;
  await page.evaluate("location.hash = '#/live'");
  await leaveButton(page).click();
}

function at(hash: string, name: RegExp): Opened {
  return { hash, open: (page) => buttonOf(page, name).click() };
}

const buttonOf = (page: Page, name: RegExp) => page.getByRole("button", { name }).locator("visible=true").first();
