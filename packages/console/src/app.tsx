import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Frame } from "./parts/logo.tsx";
import { Notice } from "./shell/notice.tsx";
import { loadedPage, proofDialog, rollsAlone } from "./shell/pages.tsx";
import { Shell } from "./shell/shell.tsx";
import { Unloaded } from "./shell/unloaded.tsx";
import { isFramable } from "./state/home.ts";
import { keptRollOfUser } from "./state/kept-rolls.ts";
import { keepAsking } from "./state/loading.ts";
import { type AskedProof, askedProof } from "./state/proof.ts";
import { rollLink } from "./state/roll-link.ts";
import { address, goInstead, page } from "./state/route.ts";
import { isAsking, isAway, session } from "./state/session.ts";

export function App() {
  if (isFramable()) return <ScreenAlone />;
  return <Console />;
}

function Console() {
  const isOutside = session.value === null || page.value === "invite" || page.value === "setup";
  const isBack = !isOutside && page.value === "sign-in";
  useEffect(() => {
    if (isBack) goInstead("live");
  }, [isBack]);
  if (rollLink.value !== null) {
    return (
      <>
        <LinkedRoll token={rollLink.value} />
        <Notice />
      </>
    );
  }
  const { id } = address.value;
  const kept = session.value === null && isAway.value && page.value !== "invite" ? keptRollOfUser(id) : null;
  if (kept !== null) {
    return (
      <>
        <KeptRoll id={kept} />
        <Notice />
      </>
    );
  }
  return (
    <>
      {isAsking.value || isBack ? <Frame /> : isOutside ? <Door /> : <Shell />}
      {session.value === null || askedProof.value === null ? null : <Proof of={askedProof.value} />}
      <Notice />
    </>
  );
}

/** The screen in a frame of another program's page, without a way to any other page. */
function ScreenAlone() {
  const Shown = loadedPage("screen");
  if (Shown === null) return null;
  return <main>{Shown === "failed" ? <Unloaded page="screen" /> : <Shown />}</main>;
}

/** The page in front of the console: for signing in, an invitation or the setup. The address stays for afterwards. */
function Door() {
  const isSetup = page.value === "setup" && session.value !== null;
  const name = page.value === "invite" || isSetup ? page.value : "sign-in";
  const Shown = loadedPage(name);
  if (Shown === null) return null;
  if (Shown !== "failed") return <Shown />;
  return (
    <main class="center">
      <Unloaded page={name} />
    </main>
  );
}

const proof: Loaded<{ of: AskedProof }> = signal(null);

/** The question who the user is, before a dear request. Its script is loaded by itself. */
function Proof({ of }: { of: AskedProof }) {
  useLoaded(proof, proofDialog);
  const { Shown } = proof.value ?? {};
  return Shown === undefined ? null : <Shown of={of} />;
}

type Loaded<Props> = Signal<{ Shown: ComponentType<Props> } | null>;

const warden: Loaded<{ token: string }> = signal(null);
const kept: Loaded<{ id: string }> = signal(null);

/** The evacuation list of a link. Its script is loaded by itself, until it is there. */
function LinkedRoll({ token }: { token: string }) {
  useLoaded(warden, rollsAlone.linked);
  const { Shown } = warden.value ?? {};
  return Shown === undefined ? null : <Shown key={token} token={token} />;
}

/** A kept evacuation list, under its own address. */
function KeptRoll({ id }: { id: string }) {
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
