/** Spans of time in milliseconds. A day is 24 hours. */
export const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
