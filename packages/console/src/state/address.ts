/** The pages that the rail shows, in its order, by the first part of their address. */
export const railNames = [
  "live",
  "events",
  "actions",
  "people",
  "inside",
  "hours",
  "statistics",
  "rules",
  "boxes",
  "problems",
  "settings",
] as const;
export type RailName = (typeof railNames)[number];

/** Pages in front of the console: of a visitor who is not signed in, and `setup` of the user of a first link. */
const doorNames = ["sign-in", "invite", "setup"] as const;
export type DoorName = (typeof doorNames)[number];

/** All pages: some are a part of one that the rail shows. `screen` is Live for a screen that is only looked at. */
export const pageNames = [
  ...railNames,
  ...(["event", "person", "stranger", "roll", "schedules", "roster", "box", "new-box", "teach", "screen"] as const),
  ...doorNames,
] as const;
export type PageName = (typeof pageNames)[number];

/** The parts of Settings, each with an address. */
export const sections = [
  "you",
  "browser",
  "people",
  "sites",
  "keys",
  "alarms",
  "retention",
  "erase",
  "taught",
  "log",
  "about",
] as const;
export type Section = (typeof sections)[number];

export type Query = Readonly<Record<string, readonly string[]>>;

/** The user's place in the console: the state that can be sent to a colleague. */
export interface Address {
  page: PageName;
  /**
   * The id of the event, evacuation list or box, the path of the person (`pathOfPerson`), the token of the invitation, the section of
   * Settings; null if the page has none.
   */
  id: string | null;
  query: Query;
  /** Whether the address was none of the console, and Live is shown in its place. */
  isUnknown: boolean;
}

/** Characters of an address that was made here: two texts of 256 characters, escaped, and more. A longer one is none. */
const maxLength = 16_384;

/**
 * Reads the part after the `#` of an address.
 *
 * @example
 * parseAddress("#/events/evt_1?box=gate-1") // { page: "event", id: "evt_1", query: { box: ["gate-1"] }, … }
 */
export function parseAddress(hash: string): Address {
  const nowhere: Address = { page: "live", id: null, query: {}, isUnknown: true };
  // A part of it would be another filter.
  if (hash.length > maxLength) return nowhere;
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  const query = queryOf(search);
  const parts = path.split("/").map(decoded);
  const [first = "", second, ...more] = parts;
  const known = more.length === 0 ? named(first, second === undefined || second === "" ? null : second) : deep(parts);
  if (known === null) return { ...nowhere, isUnknown: path !== "" };
  const isScreen = known.page === "live" && query["screen"]?.[0] === "1";
  return { ...known, ...(isScreen ? { page: "screen" as const } : {}), query, isUnknown: false };
}

/** The pages of three parts: `people`, a library, an id; `hours/schedules`, a schedule; `inside/roll`, a list. */
function deep([first, second = "", id = "", ...more]: readonly string[]): Pick<Address, "page" | "id"> | null {
  if (second === "" || id === "" || more.length > 0) return null;
  if (first === "hours" && second === "schedules") return { page: "schedules", id };
  if (first === "inside" && second === "roll") return { page: "roll", id };
  return first === "people" ? { page: "person", id: pathOfPerson({ library: second, id }) } : null;
}

/** The part of an address that says which person is meant. */
export const pathOfPerson = ({ library, id }: { library: string; id: string }) =>
  `${encodeURIComponent(library)}/${encodeURIComponent(id)}`;

/** The person of a path that `pathOfPerson` made. */
export function personOfPath(path: string): { library: string; id: string } {
  const [library = "", id = ""] = path.split("/").map(decoded);
  return { library, id };
}

/** The pages of one thing each, by the first part of their address: the second one is the id. */
const pagesOfOne = new Map<string, PageName>([
  ["events", "event"],
  ["strangers", "stranger"],
  ["boxes", "box"],
  ["invite", "invite"],
]);

/** The pages below another one that need no id, by their addresses. */
const pagesBelow = new Map<string, PageName>([
  ["hours/roster", "roster"],
  ["boxes/new", "new-box"],
  ["problems/teach", "teach"],
]);

function named(first: string, second: string | null): Pick<Address, "page" | "id"> | null {
  const below = pagesBelow.get(`${first}/${second ?? ""}`);
  if (below !== undefined) return { page: below, id: null };
  if (first === "hours" && second === "schedules") return { page: "schedules", id: null };
  const ofOne = pagesOfOne.get(first);
  if (ofOne !== undefined && second !== null) return { page: ofOne, id: second };
  if ((first === "sign-in" || first === "setup") && second === null) return { page: first, id: null };
  if (second !== null && hasPart(first, second)) return { page: first, id: second };
  const page = railNames.find((name) => name === first);
  return page === undefined || second !== null ? null : { page, id: null };
}

/** Whether a page of the rail has a part of this name, for which there is no other page. */
function hasPart(page: string, part: string): page is "rules" | "settings" {
  return page === "rules" ? part === "new" : page === "settings" && sections.some((name) => name === part);
}

function queryOf(search: string): Query {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(search)) {
    const values = query.get(name) ?? [];
    if (value !== "") query.set(name, [...values, value]);
  }
  return Object.fromEntries(query);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page, as a link has it. */
export function addressOf(page: PageName, id: string | null = null, query: Query = {}): string {
  const search = new URLSearchParams(page === "screen" ? { screen: "1" } : {});
  for (const [name, values] of Object.entries(query)) {
    if (page !== "screen" || name !== "screen") for (const value of values) search.append(name, value);
  }
  const text = search.toString();
  return `#/${pathOf(page, id)}${text === "" ? "" : `?${text}`}`;
}

function pathOf(page: PageName, id: string | null): string {
  for (const [first, ofOne] of pagesOfOne) if (ofOne === page) return `${first}/${encodeURIComponent(id ?? "")}`;
  const [path] = [...pagesBelow].find(([, below]) => below === page) ?? [];
  if (path !== undefined) return path;
  if (page === "person") return `people/${id ?? ""}`;
  if (page === "roll") return `inside/roll/${encodeURIComponent(id ?? "")}`;
  if (page === "schedules") return id === null ? "hours/schedules" : `hours/schedules/${encodeURIComponent(id)}`;
  if (page === "screen") return "live";
  return id === null ? page : `${page}/${id}`;
}
