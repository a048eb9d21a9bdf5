import { signal } from "@preact/signals";
import { words } from "../words/index.ts";
import { addressOf } from "./address.ts";
import { say } from "./notice.ts";

/** A proof of who one is, for which a request waits. */
export interface AskedProof {
  /** The ways of which the person takes one: `password`, `code`, `passkey`, `recovery`, `company`. */
  needs: readonly string[];
  end(isProved: boolean): void;
}

export const askedProof = signal<AskedProof | null>(null);

let running: Promise<boolean> | null = null;

/** Asks the person to prove who they are, once for all requests that wait. Resolves with false if they do not. */
export function askProof(needs: readonly string[]): Promise<boolean> {
  // A first link proves by another link.
  if (needs.length === 0) return Promise.resolve(false);
  running ??= new Promise<boolean>((end) => {
    askedProof.value = { needs, end };
  }).finally(() => {
    running = null;
    askedProof.value = null;
  });
  return running;
}

const channel = () => new BroadcastChannel(`gatepost-proof ${location.pathname}`);

/**
 * In the window that comes back from the company's provider: tells the page that waits, and closes. A browser that does
 * not close it shows the console.
 */
export function tellProof(): void {
  const [is = null, why = null] = /^#proved(?:=([\w-]{1,40}))?$/.exec(location.hash) ?? [];
  if (is === null) return;
  const told = channel();
  told.postMessage(why);
  told.close();
  history.replaceState(null, "", location.pathname + addressOf("live"));
  window.close();
  say(words.peek().backToPage);
}

/** Calls `come` when a window has come back from the provider, with the code of a failure or null. Returns the end. */
export function onProof(come: (why: string | null) => void): () => void {
  const heard = channel();
  heard.onmessage = ({ data }) => come(typeof data === "string" ? data : null);
  return () => heard.close();
}
