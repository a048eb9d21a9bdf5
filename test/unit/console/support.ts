import type { Event as Passing } from "@gatepost/client";
import { onTestFinished, vi } from "vitest";

const noon = Date.UTC(2026, 10, 20, 12);

/** A passing as the API has it, as far as the page's lists look at it. */
export function passing(id: string, person: Partial<Passing["person"]> = {}, second = 0): Passing {
  const timestamp = noon + second * 1000;
  return {
    id,
    timestamp,
    time: new Date(timestamp).toISOString(),
    box: { id: "gate-1", serial: null, name: null, site: null },
    receivedAt: new Date(timestamp).toISOString(),
    device: { id: null, ip: null, type: null, name: null, endpoint: null, direction: null, label: null },
    person: { id: "1", name: null, type: "employee", group: null, info: {}, ...person },
    pictures: {},
  } as unknown as Passing;
}

type Answered = object | number;
type Answer = (asked: {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}) => Answered | Promise<Answered>;

/** A browser's globals for the page's modules, with nothing drawn: each test has new modules. */
interface Page {
  /** Paints the received events, as the browser does before its next frame. */
  paint(): void;
  hide(isHidden: boolean): void;
  /** Leaves the page, as a reload does. */
  close(): void;
}

/**
 * Opens a page with a signed-in user.
 *
 * @param answer the server's answer: a document, or the status of an answer without one
 */
export async function openPage(answer: Answer): Promise<Page> {
  const page = openDoor(answer);
  const { signIn } = await import("../../../packages/console/src/state/session.ts");
  await signIn("gpr_reader", { isKept: false });
  return page;
}

/** Opens a page without a signed-in user. */
export function openDoor(answer: Answer): Page {
  vi.resetModules();
  vi.useFakeTimers();
  let frames: (() => void)[] = [];
  const document = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", document);
  vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
  vi.stubGlobal("matchMedia", () => Object.assign(new EventTarget(), { matches: false }));
  const window = new EventTarget();
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("location", { hash: "", pathname: "/" });
  vi.stubGlobal("localStorage", storage());
  vi.stubGlobal("fetch", async (url: string, { method = "GET", body = null }: RequestInit) => {
    const { pathname: path, searchParams: query } = new URL(url, "http://gatepost.test");
    return responseOf(await answer({ method, path, query, body }));
  });
  onTestFinished(() => {
    // The next file of tests would get the page of this one, in its language.
    vi.resetModules();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  return {
    paint() {
      const painted = frames;
      frames = [];
      for (const frame of painted) frame();
    },
    close() {
      window.dispatchEvent(new Event("pagehide"));
    },
    hide(isHidden) {
      document.hidden = isHidden;
      document.dispatchEvent(new Event("visibilitychange"));
    },
  };
}

/** What the server says when the test lets it. */
export function awaited(): { answer: Promise<object | number>; give(answered: object | number): void } {
  const { promise, resolve } = Promise.withResolvers<object | number>();
  return { answer: promise, give: resolve };
}

function responseOf(answered: object | number): Response {
  if (answered instanceof Response) return answered;
  if (typeof answered === "object") return Response.json(answered);
  if (answered === 204) return new Response(null, { status: 204 });
  return Response.json({ detail: "there is no such event" }, { status: answered });
}

function storage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}
