import { askWhy } from "../parts/acknowledge-dialog.tsx";
import { endBlink, startBlink } from "../parts/compare.tsx";
import { copyLink } from "../parts/copy-link.tsx";
import { leaveScreen, toggleFullScreen } from "../parts/kiosk.tsx";
import { showNew } from "../parts/pill.tsx";
import { seeDrawn, seeGroup } from "../parts/stand-out.tsx";
import { isPaused, pause } from "../state/live/arrivals.ts";
import { letGoAtOnce } from "../state/live/hold.ts";
import { silence } from "../state/live/ringing.ts";
import type { Group } from "../state/live/standing-groups.ts";
import { rows } from "../state/live/standing-rows.ts";
import { earlier, step } from "../state/neighbours.ts";
import { undoShown } from "../state/notice.ts";
import { preferences } from "../state/preferences.ts";
import { mayJudge } from "../state/role.ts";
import { address, go, goBackTo, page, parameter, query, setQuery } from "../state/route.ts";
import { session } from "../state/session.ts";
import { turn } from "../state/turning.ts";
import { followPaletteKey, isPaletteOpen } from "./find.tsx";
import { isHelpOpen } from "./help.tsx";
import { pageByKey } from "./pages.tsx";

/** ms in which the second key of a pair is awaited. */
const pairMs = 2500;
let leadAt = Number.NEGATIVE_INFINITY;

const isOn = (...names: string[]) => names.includes(page.peek());

/** What each key does. A key that has nothing to do on a page gives null back, and the browser has it. */
const keys: Record<string, () => unknown> = {
  "/": () => focusOn("main input[type=search]") || go("events", null, query.peek()),
  f: () => focusOn(".facet button"),
  "?": () => {
    isHelpOpen.value = true;
  },
  j: () => (isOn("event") ? step("older") : moveFocus(1)),
  k: () => (isOn("event") ? step("newer") : moveFocus(-1)),
  J: () => extend(1),
  K: () => extend(-1),
  d: () => press("d") || null,
  e: () => press("e") || null,
  ".": () => showNew() ?? (isOn("live") ? letGoAtOnce() : press(".") || null),
  w: () => (isOn("live") ? setQuery({ view: parameter("view") === "list" ? null : "list" }) : null),
  F: toggleFullScreen,
  x: () => (isOn("actions", "events") ? tickOfFocused()?.click() : press("x") || withFocused(seeGroup)),
  r: () => (mayJudge.peek() ? press("r") || withFocused(askWhy) : null),
  X: () => (isOn("live") ? seeDrawn() : null),
  c: () => copyLink(),
  ...Object.fromEntries(["1", "2", "3", "4"].map((key) => [key, () => press(key) || null])),
  m: () => silence(),
  u: undoShown,
  "[": () => turned(-1) ?? openEarlier(),
  "]": () => turned(1) ?? (isOn("event") ? history.back() : null),
  " ": () => (isOn("live") ? pause(!isPaused.peek()) : null),
  Escape: () =>
    isOn("event", "person", "stranger") ? leave() : isOn("screen") ? leaveScreen() : press("Escape") || null,
};

/** The keys that do something on some page. */
export const shortcuts: readonly string[] = Object.keys(keys);

/** A screen is only looked at. */
const ofScreen = new Set(["Escape", "F"]);

/** Keys that are held act once, save those that step. */
const steps = new Set(["j", "k", "J", "K"]);

/** Inputs without text: a box to tick takes Space, a slider the arrows, and neither takes letters. */
const ticked = "input:is([type=checkbox], [type=radio])";
const typed = "input:not([type=range], [type=checkbox], [type=radio])";

/** None fires in a field of text, with a modifier, in a dialogue, or where they are switched off (WCAG 2.1.4). */
export function followKeys(): void {
  followPaletteKey();
  addEventListener("keydown", (event) => {
    if (!isForUs(event)) return;
    if (event.repeat && !steps.has(event.key)) {
      if (event.key === " ") event.preventDefault();
      return;
    }
    if (event.key === " " && isOn("event")) {
      event.preventDefault();
      startBlink();
      return;
    }
    if (act(event) !== null) event.preventDefault();
  });
  addEventListener("keyup", ({ key }) => {
    if (key === " ") endBlink();
  });
  addEventListener("blur", endBlink);
}

function isForUs({ target, key, ctrlKey, altKey, metaKey, defaultPrevented }: KeyboardEvent): boolean {
  if (defaultPrevented || ctrlKey || altKey || metaKey || session.peek() === null) return false;
  if (isPaletteOpen() || (!preferences.peek().hasKeys && key !== "Escape")) return false;
  if (!(target instanceof HTMLElement)) return true;
  const isControl = target.closest(`button, summary, ${ticked}`) !== null && (key === " " || key === "Enter");
  return target.closest(`${typed}, textarea, select, dialog, [contenteditable]`) === null && !isControl;
}

function act({ key, timeStamp }: KeyboardEvent): unknown {
  // When it was pressed: a busy page may come to it much later.
  const isSecond = timeStamp - leadAt < pairMs;
  leadAt = Number.NEGATIVE_INFINITY;
  const wanted = isSecond ? pageByKey(key) : undefined;
  if (wanted !== undefined) {
    goBackTo(wanted);
    return undefined;
  }
  if (key === "g") {
    leadAt = timeStamp;
    return undefined;
  }
  const does = isOn("screen") && !ofScreen.has(key) ? undefined : keys[key];
  return does === undefined ? null : does();
}

/** Whether there is such a control. */
function focusOn(selector: string): boolean {
  for (const element of document.querySelectorAll<HTMLElement>(selector)) {
    if (element.offsetParent === null) continue;
    element.focus();
    return true;
  }
  return false;
}

/** Presses the button of the page for a key. Whether there is one. */
function press(key: string): boolean {
  const button = document.querySelector<HTMLElement>(`main [data-key="${key}"]`);
  button?.focus();
  button?.click();
  return button !== null;
}

/** The next or previous element of a list: a row, a place, a group. */
function moveFocus(by: 1 | -1): void {
  const links = [
    ...document.querySelectorAll<HTMLElement>(
      "main .all, main .cell a, main .groups a, main .ask h2 a, main .faces-grid button",
    ),
  ];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))];
  next?.focus();
}

/** The box by which the focused row is chosen; null on a row without one. */
const tickOfFocused = () => document.activeElement?.closest("li, tr")?.querySelector<HTMLInputElement>(".tick") ?? null;

/** Chooses the focused row and the next one, and goes there. */
function extend(by: 1 | -1): null | undefined {
  const from = tickOfFocused();
  if (from === null) return null;
  if (!from.checked) from.click();
  moveFocus(by);
  const to = tickOfFocused();
  if (to !== null && !to.checked) to.click();
  return undefined;
}

/** Acts on the row of the focused event, or of the opened one, or else on the first that stands out. */
function withFocused(act: (group: Group) => unknown): unknown {
  const { id } = address.peek();
  const focused = document.activeElement?.closest("li, tr")?.querySelector("a")?.getAttribute("href") ?? "";
  const list = rows.peek().flatMap(({ group, isSeen }) => (isSeen ? [] : [group]));
  const isMeant = ({ events }: Group) => events.some((one) => one.id === id || focused.endsWith(one.id));
  const chosen = list.find(isMeant) ?? (isOn("live") ? list[0] : undefined);
  return chosen === undefined ? null : act(chosen);
}

/** Null on a page without periods. */
function turned(by: 1 | -1): true | null {
  const show = turn.peek();
  if (show === null) return null;
  show(by);
  return true;
}

function openEarlier(): unknown {
  const [next] = earlier.peek();
  return isOn("event") && next !== undefined ? go("event", next.id) : null;
}

/** Back to the page before; a user who followed a link from elsewhere goes to the events. */
function leave(): void {
  if (canGoBack()) history.back();
  else go("events");
}

/** Whether the page before was of the console. If the browser cannot tell, it is taken as such. */
const canGoBack = () => ("navigation" in window ? window.navigation.canGoBack : history.length > 1);
