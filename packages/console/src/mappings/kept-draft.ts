import { session } from "../state/session.ts";
import { type TaughtDraft, taughtDraft } from "./draft.ts";

const prefix = "gatepost-teach-";

/** Keeps a draft for this tab, so that it outlives a reload of the page. A browser may refuse to keep anything. */
export function keepDraft(name: string, draft: TaughtDraft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(`${prefix}${name}`);
    else sessionStorage.setItem(`${prefix}${name}`, JSON.stringify(draft));
  } catch {}
}

export function keptDraft(name: string): TaughtDraft | null {
  try {
    return taughtDraft(JSON.parse(sessionStorage.getItem(`${prefix}${name}`) ?? "null"));
  } catch {
    return null;
  }
}

// The next user of this tab is another one.
let isIn = false;
session.subscribe((client) => {
  if (client === null && isIn) {
    try {
      const names = Object.keys(sessionStorage).filter((name) => name.startsWith(prefix));
      for (const name of names) sessionStorage.removeItem(name);
    } catch {}
  }
  isIn = client !== null;
});
