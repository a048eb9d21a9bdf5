import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { keepAsking } from "../state/loading.ts";
import { goInstead } from "../state/route.ts";
import { rollsAlone } from "./pages.tsx";

type Loaded<Props> = Signal<{ Shown: ComponentType<Props> } | null>;

const warden: Loaded<{ token: string }> = signal(null);
const kept: Loaded<{ id: string }> = signal(null);

/** The evacuation list of a link. Its script is loaded by itself, until it is there. */
export function LinkedRoll({ token }: { token: string }) {
  useLoaded(warden, rollsAlone.linked);
  const { Shown } = warden.value ?? {};
  return Shown === undefined ? null : <Shown key={token} token={token} />;
}

/** A kept evacuation list, under its own address. */
export function KeptRoll({ id }: { id: string }) {
  useLoaded(kept, rollsAlone.kept);
  useEffect(() => goInstead("roll", id), [id]);
  const { Shown } = kept.value ?? {};
  return Shown === undefined ? null : <Shown key={id} id={id} />;
}

function useLoaded<Props>(loaded: Loaded<Props>, load: () => Promise<ComponentType<Props>>): void {
  useEffect(() => {
    if (loaded.peek() !== null) return undefined;
    return keepAsking(async () => {
      loaded.value = { Shown: await load() };
    });
  }, []);
}
