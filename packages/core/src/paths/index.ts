export { type EventType, eventTypeAt, eventTypes, isExpected } from "./event-types.ts";
export { anyRoute, decodePath, destinationOf, isReserved, pathPart, reservedSegments, routes } from "./paths.ts";
