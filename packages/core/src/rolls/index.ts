export { type RollChange, rollChangedIn } from "./changes.ts";
export { eraseRolled } from "./erase.ts";
export { maxAdded, maxRolled, type Roll, type RolledPerson, type Tick } from "./roll.ts";
export { Rolls } from "./rolls.ts";
