import { signal } from "@preact/signals";
import { serverAddress } from "./home.ts";

/** Whether this page can have a service worker: it needs https, or the machine itself. */
export const canHaveWorker = (): boolean => isSecureContext && "serviceWorker" in navigator;

/** Registers the service worker, and resolves when it is active. */
export async function activeWorker(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register(workerAddress());
  return navigator.serviceWorker.ready;
}

/**
 * Whether the service worker keeps the files of this page, so that a reload without a connection opens it; null until that
 * is known.
 */
export const isPageKept = signal<boolean | null>(null);

/** Has the service worker keep the files of this page. Without one, as by http, nothing is kept. */
export async function keepPage(): Promise<void> {
  if (isPageKept.peek()) return;
  if (!canHaveWorker()) {
    isPageKept.value = false;
    return;
  }
  try {
    const { active } = await activeWorker();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      isPageKept.value = data === true;
      port1.close();
    };
    active?.postMessage({ keep: "roll" }, [port2]);
  } catch {
    // Without a connection, or if the browser refuses it, the page is kept at another opening.
    isPageKept.value = false;
  }
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The policy of the page lets only an address that was approved by name become a script. */
function workerAddress(): string {
  const { trustedTypes }: { trustedTypes?: Policies } = window as Window & { trustedTypes?: Policies };
  const address = serverAddress("/sw.js");
  return (
    trustedTypes?.createPolicy("service-worker", { createScriptURL: () => address }).createScriptURL("") ?? address
  );
}
