/** The parts of pages that stay at an edge of the window, over content that is scrolled. */
const parts = {
  top: ".roll > header, .rows > thead, .hours-sheet > thead",
  bottom: ".bar, .many, .strip, .corner-place, .roll > footer, .teach .foot, .teach .see",
} as const;

/**
 * Keeps the heights of the parts at the edges in `--over-top` and `--over-bottom`: what gets the focus is scrolled clear
 * of them (`scroll-padding`), and a notice is above them. Other parts at the foot are above a strip, by `--strip`.
 */
export function followEdges(): void {
  const sizes = new ResizeObserver(measure);
  const observe = () => {
    for (const part of document.querySelectorAll(`${parts.top}, ${parts.bottom}`)) sizes.observe(part);
  };
  new MutationObserver(observe).observe(document.body, { childList: true, subtree: true });
}

function measure(): void {
  const { style } = document.documentElement;
  const strips = [...document.querySelectorAll<HTMLElement>(".strip")].map(({ offsetHeight }) => offsetHeight);
  style.setProperty("--strip", `${Math.max(0, ...strips)}px`);
  for (const edge of ["top", "bottom"] as const) {
    const heights = [...document.querySelectorAll(parts[edge])].map((part) => heightAt(edge, part));
    style.setProperty(`--over-${edge}`, `${Math.max(0, ...heights)}px`);
  }
}

/** px that a part takes at an edge; 0 if it is scrolled with the page, or hidden. */
function heightAt(edge: keyof typeof parts, part: Element): number {
  const style = getComputedStyle(part);
  const { height } = part.getBoundingClientRect();
  const stays = height > 0 && (style.position === "fixed" || style.position === "sticky");
  return stays ? height + (Number.parseFloat(style[edge]) || 0) : 0;
}
