export { type CursorSeal, cursorSeal, cursorSigner } from "./cursors.ts";
export { maxPageBytes, type Page, type PageRequest, PageRoom } from "./page.ts";
export { explain, listed, type OneOrMore, readParameters, several, takesSeveral, valuesOf } from "./parameters.ts";
