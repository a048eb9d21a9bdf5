import type { Page } from "playwright-core";

/**
 * Run in the page: null if no element has the focus, else the element with the focus and what covers it. The middle of
 * its visible part is asked for, as a finger or a pointer would be there.
 */
const look = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const nameOf = (element) => [element.localName, ...element.classList].join(".");
  const text = (one.getAttribute("aria-label") ?? one.textContent ?? "").trim().slice(0, 40);
  const box = [...one.getClientRects()].find(({ width, height }) => width > 0 && height > 0);
  const stop = { name: nameOf(one) + " " + JSON.stringify(text), covers: "" };
  if (box === undefined) return { ...stop, covers: "it is not drawn" };
  const from = { x: Math.max(0, box.left), y: Math.max(0, box.top) };
  const [width, height] = [Math.min(innerWidth, box.right) - from.x, Math.min(innerHeight, box.bottom) - from.y];
  // Of a part that scrolls, some may lie under a tip of its own.
  const shares = height > 100 ? [0.5, 0.25, 0.75] : [0.5];
  const tops = shares.flatMap((x) => shares.map((y) => document.elementFromPoint(from.x + x * width, from.y + y * height)));
  const isIt = (top) => top !== null && (one.contains(top) || top.contains(one) || one.labels?.[0]?.contains(top) === true);
  if (tops.some(isIt)) return stop;
  const [top] = tops;
  return { ...stop, covers: top === null ? "it is out of view" : nameOf(top) + " in " + nameOf(top.parentElement) };
})()`;

interface Stop {
  name: string;
  /** What covers it; empty if nothing does. */
  covers: string;
}

const most = 400;
const nextFrame = "new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)))";

/** Presses Tab through all stops of a page, once, and returns them. */
export async function stopsOf(page: Page): Promise<Stop[]> {
  await page.evaluate("document.activeElement?.blur(), scrollTo(0, 0)");
  const stops: Stop[] = [];
  while (stops.length < most) {
    await page.keyboard.press("Tab");
    let stop = await page.evaluate<Stop | null>(look);
    if (stop === null) return stops;
    // What belonged to the stop before is gone with the next frame.
    if (stop.covers !== "") stop = (await page.evaluate<Stop | null>(`${nextFrame}.then(() => ${look})`)) ?? stop;
    stops.push(stop);
  }
  throw new Error(`more than ${most} stops`);
}
