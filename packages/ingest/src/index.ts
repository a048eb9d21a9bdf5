export { type Log, LogOnce } from "@gatepost/core/log";
export { type Relayed, relayOutbox } from "./announce/relay-outbox.ts";
export { type Arrival, ArrivalTrace } from "./arrivals.ts";
export { AuthRateLimiter } from "./auth/auth-rate-limiter.ts";
export { type Admission, authenticate } from "./auth/authenticate.ts";
export { findKey, possibleTokens } from "./auth/find-key.ts";
export { KeyMeters } from "./auth/key-meter.ts";
export { masked } from "./auth/mask.ts";
export { hashToken, hasTicketForm, hasTokenForm, newToken } from "./auth/token.ts";
export { piecesOf } from "./decode/batch.ts";
export { Body } from "./decode/body.ts";
export { scan } from "./decode/json.ts";
export { all } from "./deliver/all.ts";
export {
  type Answer,
  acknowledged,
  notFound,
  nothingAtThis,
  nothingHere,
  probeResponse,
  refusal,
  securityHeaders,
} from "./deliver/answer.ts";
export { decodePath, destinationOf } from "./deliver/destination.ts";
export type { Kept } from "./deliver/kept.ts";
export type { Origin } from "./deliver/origin.ts";
export type { Outcome, Quarantined } from "./deliver/outcome.ts";
export { type ReadingHere, readHere } from "./deliver/reading.ts";
export { deliver, type Receiver, receiver } from "./deliver/receiver.ts";
export { portsForApi, replay } from "./deliver/replay.ts";
export { type BoxRequest, type RequestHead, requestHead } from "./deliver/request.ts";
export { anyRoute, reservedSegments, routes } from "./deliver/routes.ts";
export type { Understood } from "./deliver/understand.ts";
export { type Erased, Erasures, type ErasureTimes, erasedName, isCoveredByTime, suppressionMs } from "./erasures.ts";
export { GatepostError, visible } from "./errors.ts";
export { sayingFirstReports } from "./first-reports.ts";
export { lifetimeOf, shortens } from "./lifetime.ts";
export * from "./ports/action-bus.ts";
export * from "./ports/action-outbox.ts";
export * from "./ports/event-index.ts";
export * from "./ports/event-outbox.ts";
export * from "./ports/large-bodies.ts";
export * from "./ports/long-batches.ts";
export * from "./ports/picture-bundles.ts";
export * from "./ports/picture-store.ts";
export * from "./ports/ports.ts";
export * from "./ports/quarantine.ts";
export * from "./ports/settings.ts";
export * from "./ports/suppression.ts";
export { QuarantineQuota, type QuarantineSize } from "./quarantine-quota.ts";
export {
  type ConnectionRefusal,
  connectionRefusals,
  type Refusal,
  type RefusalKind,
  RefusalTrace,
  type Refused,
} from "./refusals.ts";
export { type Held, Room } from "./room.ts";
