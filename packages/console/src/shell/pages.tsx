import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { EventPage } from "../events/event/page.tsx";
import { EventsPage } from "../events/page.tsx";
import { LivePage } from "../live/page.tsx";
import { type DoorName, type PageName, type RailName, railNames } from "../state/address.ts";
import { openPages } from "../state/role.ts";

/** The groups of the rail: daily work, what follows from it, the setup. */
export const railGroups: readonly (readonly RailName[])[] = [
  ["live", "events", "actions", "people", "inside"],
  ["hours", "statistics", "rules"],
  ["boxes", "problems", "settings"],
];

/** The keys behind `g` that lead to pages. */
const keys: Record<RailName, string> = {
  live: "l",
  events: "e",
  actions: "a",
  people: "p",
  inside: "i",
  hours: "h",
  statistics: "s",
  rules: "r",
  boxes: "b",
  problems: "q",
  settings: ",",
};

/** The page that a key behind `g` leads to. */
export const pageByKey = (key: string) => openPages.peek().find((name) => keys[name] === key);

/** The key behind `g` of a page. */
export const keyOfPage = (name: RailName): string => keys[name];

/** In the rail, the page that another is a part of. */
export function railOf(page: PageName): RailName {
  if (page === "event" || page === "stranger") return "events";
  if (page === "person") return "people";
  // Guards have the list, and not the page that begins it.
  if (page === "roll") return openPages.peek().includes("inside") ? "inside" : "live";
  if (page === "schedules" || page === "roster") return "hours";
  if (page === "screen") return "live";
  if (page === "teach") return "problems";
  return railNames.find((name) => name === page) ?? (isDoor(page) ? "live" : "boxes");
}

const doors: readonly PageName[] = ["sign-in", "invite", "setup"];

/** Whether a page is in front of the console. */
const isDoor = (page: PageName): page is DoorName => doors.includes(page);

/** The pages that are there from the beginning. */
const first = { live: LivePage, events: EventsPage, event: EventPage };

const isFirst = (page: PageName): page is keyof typeof first => page in first;

const loaders: Record<Exclude<PageName, keyof typeof first>, () => Promise<ComponentType>> = {
  actions: async () => (await import("../acting/page.tsx")).ActionsPage,
  people: async () => (await import("../people/page.tsx")).PeoplePage,
  inside: async () => (await import("../presence/page.tsx")).InsidePage,
  roll: async () => (await import("../rolls/page.tsx")).RollPage,
  person: async () => (await import("../people/person/page.tsx")).PersonPage,
  stranger: async () => (await import("../people/stranger/page.tsx")).StrangerPage,
  boxes: async () => (await import("../boxes/page.tsx")).BoxesPage,
  box: async () => (await import("../boxes/one-box.tsx")).BoxPage,
  "new-box": async () => (await import("../boxes/new-box.tsx")).NewBoxPage,
  problems: async () => (await import("../quarantine/page.tsx")).ProblemsPage,
  teach: async () => (await import("../mappings/page.tsx")).TeachPage,
  rules: async () => (await import("../rules/page.tsx")).RulesPage,
  hours: async () => (await import("../hours/page.tsx")).HoursPage,
  schedules: async () => (await import("../hours/schedules/page.tsx")).SchedulesPage,
  roster: async () => (await import("../hours/roster/page.tsx")).RosterPage,
  statistics: async () => (await import("../statistics/page.tsx")).StatisticsPage,
  settings: async () => (await import("../settings/page.tsx")).SettingsPage,
  screen: async () => (await import("../live/screen/page.tsx")).ScreenPage,
  "sign-in": async () => (await import("../accounts/page.tsx")).SignInPage,
  invite: async () => (await import("../accounts/invite.tsx")).InvitePage,
  setup: async () => (await import("../accounts/setup.tsx")).SetupPage,
};

/** Evacuation lists without the console around them: of a link, and kept in this browser. */
export const rollsAlone = {
  linked: async () => (await import("../rolls/warden.tsx")).Warden,
  kept: async () => (await import("../rolls/kept-page.tsx")).KeptRollPage,
};

/** The question who the user is, before a dear request. */
export const proofDialog = async () => (await import("../accounts/proof-dialog.tsx")).ProofDialog;

/** Pages that are here. Others are loaded when they are opened first. */
const loaded = signal<Partial<Record<PageName, ComponentType>>>(first);
const failed = signal<ReadonlySet<PageName>>(new Set());

/** The page, or null while it is loaded, or `failed` if it cannot be. */
export function loadedPage(page: PageName): ComponentType | "failed" | null {
  const here = loaded.value[page];
  if (here !== undefined) return here;
  if (failed.value.has(page)) return "failed";
  void load(page);
  return null;
}

const loading = new Set<PageName>();

export async function load(page: PageName): Promise<void> {
  if (isFirst(page) || loading.has(page) || page in loaded.peek()) return;
  loading.add(page);
  try {
    const component = await loaders[page]();
    loaded.value = { ...loaded.value, [page]: component };
    failed.value = new Set([...failed.value].filter((one) => one !== page));
  } catch {
    failed.value = new Set([...failed.value, page]);
  }
  loading.delete(page);
}
