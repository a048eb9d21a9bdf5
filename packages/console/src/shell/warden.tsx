import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { keepAsking } from "../state/loading.ts";

const loaded = signal<{ Shown: ComponentType<{ token: string }> } | null>(null);

/** The evacuation list of a link. Its script is loaded by itself, until it is there. */
export function LinkedRoll({ token }: { token: string }) {
  useEffect(() => {
    if (loaded.peek() !== null) return undefined;
    return keepAsking(async () => {
      loaded.value = { Shown: (await import("../roll/warden.tsx")).Warden };
    });
  }, []);
  if (loaded.value === null) return null;
  const { Shown } = loaded.value;
  return <Shown key={token} token={token} />;
}
