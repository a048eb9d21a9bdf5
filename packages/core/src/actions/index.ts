export { announce, type Relayed, relayOutbox, relayUntold } from "./announce.ts";
export { hearCheck } from "./check.ts";
export type {
  ActionBus,
  ActionFilter,
  ActionOrders,
  ActionOutbox,
  ActionReader,
  EnqueuedAction,
  ListedAction,
} from "./ports.ts";
