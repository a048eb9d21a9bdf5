/**
 * What is stored of a box cannot be read, or what is to be stored cannot be written, however often it is tried. Stores
 * throw it for this one box; whatever else they throw may pass.
 */
export class UnusableBox extends Error {
  constructor(box: string, cause: unknown) {
    super(`what is stored of box ${box} cannot be used: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Reads or works out something of a box. What fails at it would fail again. */
export function usable<Found>(box: string, read: () => Found): Found {
  try {
    return read();
  } catch (cause) {
    throw new UnusableBox(box, cause);
  }
}
