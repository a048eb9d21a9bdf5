import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { day, shortTime } from "../format/time.ts";
import { serverTime } from "../state/clock.ts";
import { parameter } from "../state/route.ts";
import { nameOfKnownSite } from "../state/sites.ts";
import { words } from "../words/index.ts";

/** Whether the page is being printed: then all loaded rows are printed, and not only the visible ones. */
export const isPrinting = signal(false);

/** The id of the site of a page whose address need not name it, or its name; and the days that the page is about. */
let ofPage: { site: string; days: string | null } | null = null;

/** Names the site on the paper of a page whose address need not name it, and the days that it is about. */
export function usePaperSite(site: string, days: string | null = null): void {
  useLayoutEffect(() => {
    ofPage = { site, days };
    return () => {
      ofPage = null;
    };
  }, [site, days]);
}

/** Fills in the edges of each sheet (`print.css`): the site, the title, the time, and its number. */
function nameSheets(): void {
  const { sheet } = words.peek();
  const site = nameOfKnownSite(ofPage?.site ?? parameter("site"));
  const days = ofPage?.days == null ? "" : ` · ${ofPage.days}`;
  const at = serverTime();
  const texts = {
    title: `${site} · ${document.title.replace(/ · Gatepost$/, "")}${days}`,
    time: `${day(at)} ${shortTime(at)}`,
    ...sheet,
  };
  for (const [name, text] of Object.entries(texts)) {
    document.documentElement.style.setProperty(`--sheet-${name}`, quoted(text));
  }
}

/** A text as style sheets have it. */
const quoted = (text: string) => `"${text.replaceAll(/\s+/g, " ").replaceAll(/["\\]/g, "\\$&")}"`;

addEventListener("beforeprint", () => {
  nameSheets();
  isPrinting.value = true;
});
addEventListener("afterprint", () => {
  isPrinting.value = false;
});
