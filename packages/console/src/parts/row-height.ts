/** How much larger all is drawn than usual: a very wide page has larger letters, and so has a browser that was told so. */
export const rootScale = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** Whether the window is as narrow as a phone, as the style sheets see it. */
export const isPhone = () => matchMedia("(width <= 47.5em)").matches;

/** px of a row of a long list. */
export const rowHeight = () => (isPhone() ? 60 : 54) * rootScale();
