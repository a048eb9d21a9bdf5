/** What a feed needs of its environment. Tests replace it. */
export interface LiveWorld {
  open(url: string): WebSocket;
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Calls back when the browser is online again. The returned function ends that. */
  onOnline(then: () => void): () => void;
}

/** The environment of a browser or of Node. Throws where there is no WebSocket. */
export function ownWorld(): LiveWorld {
  if (typeof WebSocket === "undefined") {
    throw new Error("there is no WebSocket here: Node has one from version 22 on; in an older one give a `world`");
  }
  return {
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
}
