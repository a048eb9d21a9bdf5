import type { Page } from "playwright-core";

/**
 * Run in the page. Text may be cut if a box or a person wrote it, its whole is in the description (`BoxText`), and enough
 * of it is left. The class of an element allows it to scroll sideways, or to leave out the rows without room.
 */
const look = `(() => {
  const found = new Set();
  const pageWidth = document.documentElement.clientWidth;
  const kept = (make) => {
    const known = new Map();
    return (element) => known.get(element) ?? known.set(element, make(element)).get(element);
  };
  const styleOf = kept((element) => getComputedStyle(element));
  const boxOf = kept((element) => element.getBoundingClientRect());
  const isDrawn = kept((element) =>
    element.closest(".hide, .skip, script, noscript, option") === null &&
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
  const isIn = (values, ...ones) => ones.some((one) => values.includes(one));
  const nameOf = (element) => {
    const names = [];
    for (let at = element; at !== null && at !== document.body && names.length < 4; at = at.parentElement) {
      names.unshift([at.localName, ...at.classList].join("."));
    }
    return names.join(" > ");
  };
  const quoted = (text) => JSON.stringify(text.trim().slice(0, 40));

  /** The part of a box between the edges of an element, or null. */
  const within = (box, edge) => {
    const left = Math.max(box.left, edge.left), right = Math.min(box.right, edge.right);
    const top = Math.max(box.top, edge.top), bottom = Math.min(box.bottom, edge.bottom);
    return left < right && top < bottom ? { left, right, top, bottom } : null;
  };
  const insideOf = kept((element) => {
    const box = boxOf(element);
    const left = box.left + element.clientLeft, top = box.top + element.clientTop;
    return { left, top, right: left + element.clientWidth, bottom: top + element.clientHeight };
  });
  /** Letters reach some px over the box of their line. */
  const over = 4;

  /** The visible part of a text, or null, and the element that cuts it, or null. Scrolling out of view cuts nothing. */
  const seenOf = (node, box) => {
    let position = "static";
    for (let at = node.parentElement; at !== document.documentElement && position !== "fixed"; at = at.parentElement) {
      const style = styleOf(at);
      const isPast = position === "absolute" && style.position === "static";
      if (!isPast && style.display !== "inline" && style.display !== "contents") {
        const edge = insideOf(at);
        const isX = (value) => isIn([style.overflowX], ...value), isY = (value) => isIn([style.overflowY], ...value);
        const cutX = isX(["hidden", "clip"]) && (box.right > edge.right + 1 || box.left < edge.left - 1);
        const cutY = isY(["hidden", "clip"]) && (box.bottom > edge.bottom + over || box.top < edge.top - over);
        if (cutX || cutY) return { seen: within(box, edge), cutter: at };
        if (isX(["auto", "scroll"]) || isY(["auto", "scroll"])) {
          box = within(box, edge);
          if (box === null) return { seen: null, cutter: null };
        }
      }
      if (!isPast) position = style.position;
    }
    return { seen: box, cutter: null };
  };

  /**
   * Whether the whole text is in the description, and enough of it is visible to know it from others: its ends together,
   * if it is cut in its middle.
   */
  const mayBeCut = (node, seen) => {
    const text = node.parentElement.closest("bdi[title]");
    if (seen === null) return node.parentElement.closest(".whole-rows") !== null;
    const { left, right } = text?.matches(".middle") ? boxOf(text) : seen;
    return text !== null && text.title.includes(node.data.trim()) && right - left >= 40;
  };

  /** Whether the words of two texts are read as one. A text that is cut in its middle has two parts. */
  const areRunTogether = (left, right) =>
    /[A-Za-z0-9]$/.test(left.data) && /^[A-Za-z0-9]/.test(right.data) &&
    (left.parentElement.closest(".middle") ?? left) !== right.parentElement.closest(".middle");

  const lines = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    if (node.data.trim() === "" || !isDrawn(node.parentElement)) continue;
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      const { seen, cutter } = seenOf(node, box);
      const where = quoted(node.data) + " in " + nameOf(node.parentElement);
      if (cutter !== null && !mayBeCut(node, seen)) found.add("text is cut by " + nameOf(cutter) + ": " + where);
      if (seen !== null && (seen.right > pageWidth + 1 || seen.left < -1)) found.add("text leaves the page: " + where);
      if (seen !== null) lines.push({ node, ...seen });
    }
  }

  /** The nearest element that lies on the rest of the page and moves by itself. */
  const layerOf = kept((element) =>
    isIn(["fixed", "sticky", "absolute"], styleOf(element).position) || element === document.body ? element : layerOf(element.parentElement));
  const layers = Map.groupBy(lines, ({ node }) => layerOf(node.parentElement));
  for (const layer of layers.values()) {
    layer.sort((one, other) => one.top - other.top);
    for (const [at, one] of layer.entries()) {
      for (let next = at + 1; next < layer.length && layer[next].top < one.bottom; next++) {
        const other = layer[next];
        const shared = one.node === other.node ? null : within(one, other);
        const least = Math.min(one.bottom - one.top, other.bottom - other.top) / 2;
        if (shared !== null && shared.right - shared.left > 2 && shared.bottom - shared.top > least) {
          found.add("text lies on " + quoted(other.node.data) + ": " + quoted(one.node.data) + " in " + nameOf(one.node.parentElement));
        }
        const [left, right] = one.left < other.left ? [one, other] : [other, one];
        const isOneLine = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > least;
        if (isOneLine && one.node !== other.node && Math.abs(right.left - left.right) < 1 && areRunTogether(left.node, right.node)) {
          found.add("text touches " + quoted(right.node.data) + ": " + quoted(left.node.data) + " in " + nameOf(left.node.parentElement));
        }
      }
    }
  }

  // A value that is broken into a column of single words beside a wide label.
  for (const value of document.querySelectorAll("dd, td")) {
    if (!isDrawn(value) || value.textContent.trim() === "") continue;
    const { width, height } = boxOf(value);
    if (width < 100 && height > 100 && value.querySelector("img, button, .pic, .btn, svg") === null) {
      found.add("value is " + Math.round(width) + " px wide: " + quoted(value.textContent) + " in " + nameOf(value));
    }
  }

  const pen = document.createElement("canvas").getContext("2d");
  for (const field of document.querySelectorAll("input[placeholder]:not(.mono), select")) {
    if (!isDrawn(field)) continue;
    const style = styleOf(field);
    const text = field.localName === "select" ? (field.selectedOptions[0]?.text ?? "") : field.placeholder;
    const arrow = field.localName === "select" ? 20 : 0;
    pen.font = style.font;
    const room = field.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight) - arrow;
    if (pen.measureText(text).width > room + 1) found.add("field cuts its text: " + quoted(text) + " in " + nameOf(field));
  }

  if (document.documentElement.scrollWidth > pageWidth) found.add("the page scrolls sideways");
  for (const element of document.body.querySelectorAll("*")) {
    if (element.scrollWidth <= element.clientWidth + 1 || element.matches(".sideways, input") || !isDrawn(element)) continue;
    if (isIn(["auto", "scroll"], styleOf(element).overflowX)) found.add("scrolls sideways: " + nameOf(element));
  }

  for (const row of document.querySelectorAll("table, tr:not(.space), li")) {
    const isLine = row.localName === "tr";
    const panel = isLine ? row.closest("table") : row.parentElement;
    const style = styleOf(panel);
    const isBeside = !isLine && (style.gridTemplateColumns.includes(" ") || (style.display === "flex" && style.flexDirection === "row"));
    if (isBeside || !isDrawn(row) || row.closest("svg") !== null || isIn(["inline", "inline-block"], styleOf(row).display)) continue;
    const ends = isLine && styleOf(row).display === "table-row" ? [...row.cells].map((cell) => boxOf(cell).right) : [boxOf(row).right];
    const end = isLine ? insideOf(panel).right : insideOf(panel).right - Number.parseFloat(style.paddingRight);
    const left = end - Math.max(...ends);
    if (boxOf(row).width > 0 && left > 2) found.add("row ends " + Math.round(left) + " px before its panel: " + nameOf(row));
  }
  return [...found];
})()`;

/** The faults of a page as it is drawn, each as a line. A page whose size was changed may need two frames for that. */
export async function layoutFaults(page: Page): Promise<string[]> {
  if ((await page.evaluate<string[]>(look)).length === 0) return [];
  await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
  return page.evaluate(look);
}
