/** Spans of time in milliseconds. A day is 24 hours, whatever clocks are set to. */
export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
