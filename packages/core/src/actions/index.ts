export { addressesOf, announce, type Relayed, relayOutbox, relayUntold, type UntoldPorts } from "./announce.ts";
export { hearCheck } from "./check.ts";
export type {
  ActionBus,
  ActionFilter,
  ActionOrders,
  ActionOutbox,
  ActionReader,
  EnqueuedAction,
  ListedAction,
  UntoldActions,
} from "./ports.ts";
