import { pauseAsked } from "@gatepost/client";
import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Failure, failureOf, isPassing } from "./failure.ts";

/** In this an answer begins, also one that the server has much to read for. */
const maxMs = 60_000;

/**
 * Fetches, and gives up a read if no answer has begun within a minute. On a dead line, a browser waits for a quarter of
 * an hour, and the page would show data as old. A change is waited for: it may have been done.
 */
export async function fetchInTime(url: string, init: RequestInit): Promise<Response> {
  if ((init.method ?? "GET") !== "GET") return fetch(url, init);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("no answer came", "TimeoutError")), maxMs);
  const signals = [late.signal, init.signal].filter((signal) => signal instanceof AbortSignal);
  try {
    return await fetch(url, { ...init, signal: AbortSignal.any(signals) });
  } finally {
    clearTimeout(timer);
  }
}

/** Lets something be done, and not once more before that has ended: a double click makes no second key. */
export function useOnce<Given extends unknown[]>(
  act: (...given: Given) => Promise<unknown>,
): (...given: Given) => Promise<void> {
  const isBusy = useRef(false);
  return async (...given) => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      await act(...given);
    } finally {
      isBusy.current = false;
    }
  };
}

interface Page<Item> {
  items: readonly Item[];
  next: string | null;
}

/** Reads a list page after page, until there is enough or no more. `ask` is given the cursor to send, or none. */
export async function readPages<Item>(
  isEnough: (items: readonly Item[], pages: number) => boolean,
  ask: (from: { cursor?: string }) => Promise<Page<Item>>,
): Promise<{ items: Item[]; isWhole: boolean }> {
  const items: Item[] = [];
  let [next, pages]: [string | null, number] = [null, 0];
  do {
    const page: Page<Item> = await ask(next === null ? {} : { cursor: next });
    items.push(...page.items);
    next = page.next;
    pages++;
  } while (next !== null && !isEnough(items, pages));
  return { items, isWhole: next === null };
}

/** What a page asked for: `value` stays while it is asked for again. */
interface Loaded<Value> {
  value: Value | null;
  failure: Failure | null;
  isLoading: boolean;
  /** When it is asked for again by itself, ms since 1970. */
  retryAt: number | null;
}

export interface Loading<Value> {
  state: ReadonlySignal<Loaded<Value>>;
  /** Asks again at once. */
  reload(): void;
  /** Replaces the received value, as after a change that is known already. */
  set(value: Value): void;
}

interface Repeating<Value> {
  /** Ms between two answers; the more a value took to read, the longer it may be good. */
  every?: number | ((value: Value) => number);
  /** Whether the received value may still change; without it, always. */
  while?(value: Value): boolean | undefined;
}

type Ask<Value> = (signal: AbortSignal) => Promise<Value>;

const retryMs = 5000;
const nothing = { value: null, failure: null, isLoading: true, retryAt: null };

/**
 * Asks when it is first shown, whenever `key` changes, every `every` ms if that is given, and again by itself after
 * passing failures. The value of another key is not shown under this one.
 */
export function useLoading<Value>(key: string, ask: Ask<Value>, repeating: Repeating<Value> = {}): Loading<Value> {
  const state = useSignal<Loaded<Value>>(nothing);
  const turn = useSignal(0);
  // `ask` is made anew with each painting; `key` says what it asks.
  useEffect(() => keepLoaded(state, ask, repeating), [key, turn.value]);
  // Only another key makes the old value wrong.
  useEffect(
    () => () => {
      state.value = nothing;
    },
    [key],
  );
  return {
    state,
    reload: () => {
      turn.value++;
    },
    set: (value) => {
      // The running request began before the change, and would undo it.
      if (state.peek().isLoading) turn.value++;
      state.value = { ...state.peek(), value, failure: null };
    },
  };
}

/**
 * Asks, and again when it is time, until the returned function is called. While the page is hidden, nothing is
 * requested again: a page that is left open for days would cost as much as one in use.
 */
export function keepLoaded<Value>(
  state: Pick<Signal<Loaded<Value>>, "value">,
  ask: Ask<Value>,
  { every, while: mayChange = () => true }: Repeating<Value>,
): () => void {
  const { signal, abort } = aborter();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const load = async () => {
    state.value = { ...state.value, isLoading: true };
    const loaded = await asked(ask, signal);
    if (loaded === null) return;
    state.value = { ...state.value, ...loaded, isLoading: false };
    const { value } = state.value;
    // Also after a refusal: it may be of a proxy that has lost the server for a moment.
    const again = value !== null && mayChange(value) ? msFor(value, every) : undefined;
    const pause = loaded.retryAt === null ? again : loaded.retryAt - Date.now();
    if (pause !== undefined) timer = setTimeout(loadWhenSeen, pause);
  };
  const loadWhenSeen = () => {
    if (document.hidden) document.addEventListener("visibilitychange", loadWhenSeen, { once: true, signal });
    else void load();
  };
  void load();
  return () => {
    abort();
    clearTimeout(timer);
  };
}

/** Asks until there is an answer, again after what passes, or until the function that it gives is called. */
export function keepAsking(ask: Ask<unknown>): () => void {
  const state: { value: Loaded<unknown> } = { value: nothing };
  return keepLoaded(state, ask, {});
}

function msFor<Value>(value: Value, every: Repeating<Value>["every"]): number | undefined {
  return typeof every === "function" ? every(value) : every;
}

function aborter(): { signal: AbortSignal; abort(): void } {
  const made = new AbortController();
  return { signal: made.signal, abort: () => made.abort() };
}

/** The changes by an answer, or by a missing one; null if no one waits for it any more. */
async function asked<Value>(
  ask: Ask<Value>,
  signal: AbortSignal,
): Promise<(Partial<Loaded<Value>> & Pick<Loaded<Value>, "failure" | "retryAt">) | null> {
  try {
    const value = await ask(signal);
    return signal.aborted ? null : { value, failure: null, retryAt: null };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === null || signal.aborted) return null;
    const pause = pauseAsked(failure.retryAfter, retryMs);
    return { failure, retryAt: isPassing(failure) ? Date.now() + pause : null };
  }
}
