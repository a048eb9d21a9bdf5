/** What the API needs to teach a format, apart from the other exports: receivers never load it. */
export { documentedLayout, layouts } from "./layouts.ts";
export { isPictureText, type Leaf, leavesOf, type Meaning, mayBe, type Received } from "./mappings/may.ts";
export { type KeptBody, suggest } from "./mappings/suggest.ts";
export { listUnmet, shownValue, type Unmet, unmetBy } from "./mappings/unmet.ts";
