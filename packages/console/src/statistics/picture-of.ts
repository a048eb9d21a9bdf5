/** Pixels of the picture for one of the chart, so that it can be printed. */
const scale = 2;
/** Height of the line with the title, in units of the chart. */
const head = 36;

/** The properties that the page's style gives to parts of a chart. */
const drawn = ["fill", "fill-opacity", "stroke", "stroke-width", "font", "text-anchor"] as const;

/** A chart as a picture (PNG) in the colours of the page, under a title. Throws if the browser cannot draw it. */
export async function pictureOf(chart: SVGSVGElement, title: string): Promise<Blob> {
  const { width, height } = chart.viewBox.baseVal;
  const image = await imageOf(chart, { width, height });
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * scale, (height + head) * scale];
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("this browser has no canvas");
  const { color, backgroundColor, fontFamily } = getComputedStyle(chart.closest("section") ?? document.body);
  pen.scale(scale, scale);
  pen.fillStyle = backgroundColor;
  pen.fillRect(0, 0, width, height + head);
  pen.fillStyle = color;
  pen.font = `600 16px ${fontFamily}`;
  pen.fillText(title, 8, 24);
  pen.drawImage(image, 0, head, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("the picture could not be made")) : resolve(blob)));
  });
}

/** The chart as an image by itself: the styles of the page are written into it. */
async function imageOf(chart: SVGSVGElement, size: { width: number; height: number }): Promise<HTMLImageElement> {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  for (const [name, value] of Object.entries(size)) copy.setAttribute(name, `${value * scale}`);
  const copies = [copy, ...copy.querySelectorAll("*")];
  for (const [at, element] of [chart, ...chart.querySelectorAll("*")].entries()) {
    const styles = getComputedStyle(element);
    for (const name of drawn) copies[at]?.setAttribute(name, styles.getPropertyValue(name));
  }
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } finally {
    URL.revokeObjectURL(url);
  }
  return image;
}
