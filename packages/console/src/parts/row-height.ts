/** How much larger all is drawn than usual: a very wide page has larger letters, and so has a browser that was told so. */
export const rootScale = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** px of a row of a long list. */
export const rowHeight = () => (matchMedia("(width <= 47.5em)").matches ? 60 : 54) * rootScale();
