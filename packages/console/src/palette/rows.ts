import type { Api } from "@gatepost/client";
import { timeJump } from "../format/time-jump.ts";
import { toggleFullScreen } from "../parts/kiosk.tsx";
import { stretchText } from "../parts/search-box.tsx";
import { isHelpOpen } from "../shell/help.tsx";
import { keyOfPage } from "../shell/pages.tsx";
import { addressOf, type Query } from "../state/address.ts";
import { isPaused, pause } from "../state/live/arrivals.ts";
import { prefer } from "../state/preferences.ts";
import { isManager, openPages } from "../state/role.ts";
import { addressLeft, goTo } from "../state/route.ts";
import { signOut } from "../state/session.ts";
import { isDark } from "../state/theme.ts";
import { leaveFor } from "../state/unsaved.ts";
import { views } from "../state/views.ts";
import { words } from "../words/index.ts";
import { paletteWords } from "../words/palette.ts";
import type { Row } from "./row.ts";
import { type WayIn, wayRows } from "./ways.ts";

export type Places = Api["GET /v1/find"]["answer"];

export const goToEvents = (query: Query) => () => goTo(addressOf("events", null, query));

/** All rows that do not depend on the typed text, in the order of equal matches. */
export function allRows(places: Places | null, way: WayIn | null): Row[] {
  return [...pageRows(), ...placeRows(places), ...viewRows(), ...actRows(), ...wayRows(way)];
}

/** Rows that the typed text makes: a time, and the event of an id. */
export function typedRows(typed: string, now: number): Row[] {
  const w = paletteWords.value;
  const text = typed.trim();
  const [time, event] = [timeJump(text, now), /^evt_\w{1,60}$/i.exec(text)?.[0].toLowerCase()];
  const row = { group: "go", also: [], meta: "" } as const;
  const ofTime: Row[] =
    time === null
      ? []
      : [
          {
            ...row,
            id: "time",
            icon: "hours",
            text: w.eventsAt(stretchText(time)),
            open: goToEvents({ from: [new Date(time.from).toISOString()], to: [new Date(time.to).toISOString()] }),
          },
        ];
  const ofEvent: Row[] =
    event === undefined
      ? []
      : [{ ...row, id: "event", icon: "events", text: w.event, open: () => goTo(addressOf("event", event)) }];
  return [...ofTime, ...ofEvent];
}

/** The last row: people, too, are found by their passings. */
export function searchRow(typed: string): Row {
  const text = typed.trim();
  return {
    id: "search",
    group: "events",
    icon: "events",
    text: paletteWords.value.search(text),
    also: [],
    meta: "",
    open: goToEvents({ q: [text] }),
  };
}

function pageRows(): Row[] {
  const { pages } = words.value;
  const { otherNames, liveList } = paletteWords.value;
  const rows = openPages.value.map(
    (name): Row => ({
      id: name,
      group: "go",
      icon: name,
      text: pages[name],
      also: otherNames[name] ?? [],
      meta: `G ${keyOfPage(name).toUpperCase()}`,
      open: () => goTo(addressLeft(name)),
    }),
  );
  const list: Row = {
    id: "live-list",
    group: "go",
    icon: "list",
    text: liveList,
    also: otherNames["live-list"] ?? [],
    meta: "W",
    open: () => goTo(addressOf("live", null, { view: ["list"] })),
  };
  const screen: Row = {
    id: "screen",
    group: "go",
    icon: "full",
    text: pages.screen,
    also: otherNames["screen"] ?? [],
    meta: "",
    open: () => goTo(addressOf("screen")),
  };
  return [...rows, list, screen];
}

function placeRows(places: Places | null): Row[] {
  if (places === null) return [];
  const isForBoxes = openPages.value.includes("boxes");
  const names = new Map(places.boxes.map(({ id, name }) => [id, name ?? id]));
  const boxes = places.boxes.map(({ id, name }): Row => {
    const passings = goToEvents({ box: [id] });
    return {
      id: `box ${id}`,
      group: "boxes",
      icon: "boxes",
      text: name ?? id,
      also: name === null ? [] : [id],
      meta: name === null ? "" : id,
      passings,
      open: isForBoxes ? () => goTo(addressOf("box", id)) : passings,
    };
  });
  const devices = places.devices.map(
    ({ id, name, box }): Row => ({
      id: `device ${box} ${id}`,
      group: "boxes",
      icon: "live",
      text: name ?? id,
      also: name === null ? [] : [id],
      meta: names.get(box) ?? box,
      open: goToEvents({ box: [box], device: [id] }),
    }),
  );
  return [...boxes, ...devices];
}

function viewRows(): Row[] {
  return views.value.map(({ id, name, address }) => ({
    id,
    group: "views",
    icon: "list",
    text: name,
    also: [],
    meta: "",
    open: () => goTo(address),
  }));
}

function actRows(): Row[] {
  const { theme, signOut: out, keyboard, otherLanguage, live, code, pages } = words.value;
  const { otherNames, print, goOn } = paletteWords.value;
  const act = (id: string, row: Pick<Row, "icon" | "text" | "open"> & { meta?: string }): Row => ({
    group: "do",
    also: otherNames[id] ?? [],
    meta: "",
    ...row,
    id,
  });
  return [
    act("pause", { icon: "pause", text: isPaused.value ? goOn : live.pause, meta: "Space", open: pauseOnLive }),
    act("full", { icon: "full", text: live.full, meta: "F", open: toggleFullScreen }),
    act("print", { icon: "print", text: print, open: () => window.print() }),
    ...(isManager.value
      ? [act("roll", { icon: "alarm", text: pages.roll, meta: "E", open: () => goTo(addressLeft("inside")) })]
      : []),
    act("keyboard", { icon: "info", text: keyboard.title, meta: "?", open: () => (isHelpOpen.value = true) }),
    act("theme", { icon: "settings", text: theme, open: () => prefer({ theme: isDark() ? "light" : "dark" }) }),
    act("language", {
      icon: "settings",
      text: otherLanguage,
      open: () => prefer({ language: code === "en" ? "zh" : "en" }),
    }),
    act("sign-out", { icon: "right", text: out, open: () => leaveFor(signOut) }),
  ];
}

function pauseOnLive(): void {
  pause(!isPaused.peek());
  goTo(addressLeft("live"));
}
