export {
  type Card,
  type CardWithHours,
  cardKinds,
  cardSchema,
  hasHours,
  inZone,
  type NotAgain,
  shownCard,
} from "./card.ts";
export { cardOf, patternOf } from "./card-pattern.ts";
