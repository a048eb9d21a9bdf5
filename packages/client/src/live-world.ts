/** What of the world around a feed needs: replaced in tests. */
export interface LiveWorld {
  open(url: string): WebSocket;
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Calls back when the browser is online again; the function it gives ends that. */
  onOnline(then: () => void): () => void;
}

export const browser: LiveWorld = {
  open: (url) => new WebSocket(url),
  now: () => Date.now(),
  random: () => Math.random(),
  onOnline(then) {
    const page: object = globalThis;
    if (!(page instanceof EventTarget)) return () => {};
    page.addEventListener("online", then);
    return () => page.removeEventListener("online", then);
  },
};
