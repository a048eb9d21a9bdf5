/** Bytes that EventBridge takes as one entry (since January 2026). Gatepost's own entries have 256 KB at most. */
export const maxEntryBytes = 1024 * 1024;

interface SizedEntry {
  Source: string;
  DetailType: string;
  Detail: string;
  Time?: unknown;
}

/** Whether an entry has more bytes than EventBridge takes, by the formula of its documents. */
export function isTooLargeForBus({ Source, DetailType, Detail, Time }: SizedEntry): boolean {
  const texts = [Source, DetailType, Detail].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return texts + (Time === undefined ? 0 : 14) > maxEntryBytes;
}
