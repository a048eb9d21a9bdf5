export { type Card, cardKinds, cardSchema, hasHours, inZone, type NotAgain, shownCard } from "./card.ts";
export { cardOf, patternOf } from "./card-pattern.ts";
