/**
 * The record of a box cannot be read or written, however often it is tried. Stores throw it for one box; any other
 * error may pass.
 */
export class UnusableBox extends Error {
  constructor(box: string, cause: unknown) {
    super(`what is stored of box ${box} cannot be used: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Runs `read`, and turns its error into UnusableBox: it would fail again. */
export function usable<Found>(box: string, read: () => Found): Found {
  try {
    return read();
  } catch (cause) {
    throw new UnusableBox(box, cause);
  }
}
