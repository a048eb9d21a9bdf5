import { useEffect } from "preact/hooks";

/** Names the window after its content; null if another part of the page names it. */
export function useTitle(name: string | null): void {
  useEffect(() => {
    if (name !== null) document.title = `${name} · Gatepost`;
  }, [name]);
}
