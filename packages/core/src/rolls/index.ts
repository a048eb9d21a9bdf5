export { type RollLink, RollLinks } from "./links.ts";
export { maxAdded, maxRolled, type Roll, type RollActor, type RolledPerson, rolledOfKey, type Tick } from "./roll.ts";
export { type RollChange, Rolls } from "./rolls.ts";
export { type RolledRow, rowsOfRoll } from "./rows.ts";
