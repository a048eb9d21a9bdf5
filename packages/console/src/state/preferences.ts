import { signal } from "@preact/signals";

/** What this browser remembers. No key is among it: see session.ts. */
export interface Preferences {
  language: "en" | "zh";
  theme: "system" | "light" | "dark";
  /** Single-key shortcuts (WCAG 2.1.4). */
  hasKeys: boolean;
  hasSound: boolean;
  /** The volume of all tones, 0 to 100. */
  volume: number;
  hasNotification: boolean;
  /** Whether the person turned notifications of a closed page on. */
  hasPush: boolean;
  /** Whether strangers are announced as the blacklist is. */
  isAlertedOfStrangers: boolean;
}

const name = "gatepost-preferences";

const usual: Preferences = {
  language: navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en",
  theme: "system",
  hasKeys: true,
  hasSound: false,
  volume: 60,
  hasNotification: false,
  hasPush: false,
  isAlertedOfStrangers: false,
};

export const preferences = signal<Preferences>({ ...usual, ...remembered() });

export function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change };
  // A browser that keeps nothing (private, or full) still shows the choice until the page closes.
  try {
    localStorage.setItem(name, JSON.stringify(preferences.value));
  } catch {}
}

/** Takes only members of the right type: the stored text may be of an older version, or of another program. */
function remembered(): Partial<Preferences> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([key, value]) => isRight(key, value)));
  } catch {
    return {};
  }
}

function isRight(key: string, value: unknown): boolean {
  if (key === "language") return value === "en" || value === "zh";
  if (key === "theme") return value === "system" || value === "light" || value === "dark";
  if (key === "volume") return typeof value === "number" && value >= 0 && value <= 100;
  return typeof value === "boolean" && Object.hasOwn(usual, key);
}
