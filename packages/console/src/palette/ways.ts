import type { IconName } from "../parts/icon.tsx";
import { addressOf, type PageName, type Query } from "../state/address.ts";
import { isTerminal } from "../state/boxes/is-terminal.ts";
import { listBoxes } from "../state/boxes/list-boxes.ts";
import { isAdmin, isManager, mayWriteRules, openPages, openSections } from "../state/role.ts";
import { goTo } from "../state/route.ts";
import { gatepost, me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { paletteWords } from "../words/palette.ts";
import { settingsWords } from "../words/settings.ts";
import type { Row } from "./row.ts";

/** How a person gets onto a box here: an approved request by a bridge, the terminal's own screen, or neither. */
export type WayIn = "bridge" | "terminal" | "box";

/** Null for a user who adds no one. */
export async function wayIn(signal: AbortSignal): Promise<WayIn | null> {
  if (!isManager.peek()) return null;
  const bridged = (await gatepost().ask("GET /v1/bridges", { signal })).boxes;
  if (bridged.length > 0) return "bridge";
  return (await listBoxes(signal)).boxes.some(isTerminal) ? "terminal" : "box";
}

/** The rows of what leads to a page or a section, or does something there. Only those that the user may open. */
export function wayRows(way: WayIn | null): Row[] {
  return [...sectionRows(), ...deepRows(), ...addPersonRows(way)];
}

function sectionRows(): Row[] {
  const { sections } = settingsWords.value;
  const { own, forEverybody, last } = openSections.value;
  return [...own, ...forEverybody, ...last].map((name) =>
    row("go", `settings ${name}`, "settings", sections[name], words.value.pages.settings, addressOf("settings", name)),
  );
}

/** Pages below one of the rail, and acts that begin on a page. */
function deepRows(): Row[] {
  const { pages, rules } = words.value;
  const { sections, changePassword } = settingsWords.value;
  const { invite } = paletteWords.value;
  const open = openPages.value;
  const go = (id: PageName, text: string, of: string, query: Query = {}) =>
    row("go", id, "right", text, of, addressOf(id, null, query));
  return [
    ...(open.includes("hours")
      ? [go("schedules", pages.schedules, pages.hours), go("roster", pages.roster, pages.hours)]
      : []),
    // A report is chosen there.
    ...(open.includes("problems")
      ? [row("go", "teach", "problems", pages.teach, pages.problems, addressOf("problems"))]
      : []),
    ...(open.includes("boxes") && isAdmin.value ? [go("new-box", pages["new-box"], pages.boxes)] : []),
    ...(mayWriteRules.value ? [row("do", "new-rule", "plus", rules.new, pages.rules, addressOf("rules", "new"))] : []),
    ...(isAdmin.value
      ? [row("do", "invite", "plus", invite, sections.people, addressOf("settings", "people", { act: ["invite"] }))]
      : []),
    ...((me.value?.account?.with ?? "company") !== "company"
      ? [
          row(
            "do",
            "password",
            "settings",
            changePassword,
            sections.you,
            addressOf("settings", "you", { act: ["password"] }),
          ),
        ]
      : []),
  ];
}

/** Where a person is added depends on what is here; the row says it. */
function addPersonRows(way: WayIn | null): Row[] {
  const { addPerson, wayIn: ways } = paletteWords.value;
  if (way === null) return [];
  const address = way === "terminal" ? addressOf("boxes") : addressOf("actions");
  return [row("do", "add-person", "people", addPerson, ways[way], address)];
}

function row(group: Row["group"], id: string, icon: IconName, text: string, meta: string, address: string): Row {
  const also = paletteWords.value.otherNames[id] ?? [];
  return { id, group, icon, text, also, meta, open: () => goTo(address) };
}
