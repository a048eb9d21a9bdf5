import { useEffect } from "preact/hooks";

/** Names the window after what it shows; null where another part of the page names it. */
export function useTitle(name: string | null): void {
  useEffect(() => {
    if (name !== null) document.title = `${name} · Gatepost`;
  }, [name]);
}
