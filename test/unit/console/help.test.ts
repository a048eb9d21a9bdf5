import { expect, it } from "vitest";
import { en } from "../../../packages/console/src/words/en.ts";
import { zh } from "../../../packages/console/src/words/zh.ts";
import { openDoor } from "./support.ts";

/** A key as the list writes it. */
function written(key: string): string {
  const named: Record<string, string> = { " ": "Space", Escape: "Esc", F: "F" };
  if (/^[1-4]$/.test(key)) return "1 … 4";
  return named[key] ?? (/^[A-Z]$/.test(key) ? `Shift ${key.toLowerCase()}` : key);
}

it("the list of the keyboard has one row for each shortcut, in both languages", async () => {
  openDoor(() => 204);
  const { shortcuts } = await import("../../../packages/console/src/shell/keys.ts");
  expect(shortcuts.length).toBeGreaterThan(20);
  for (const { keyboard } of [en, zh]) {
    const rows = keyboard.list.map(([keys]) => keys);
    expect(new Set(rows).size).toBe(rows.length);
    for (const key of shortcuts) expect(rows).toContain(written(key));
  }
});
