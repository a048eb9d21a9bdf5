import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { State } from "../parts/mark.tsx";
import { useLoading } from "../state/loading.ts";
import { anybody } from "../state/session.ts";
import { signInWords } from "../words/sign-in.ts";
import { TryFault, useTries } from "./tries.tsx";

type Options = Api["POST /v1/sessions/passkey/options"]["answer"];
type Credential = Extract<Api["POST /v1/sessions"]["body"], { credential: unknown }>["credential"];

/** The library is loaded when a passkey is first used. */
const library = () => import("@simplewebauthn/browser");

/** Whether the page of this address can use the passkeys of the server, which are at `at`. */
export const canUsePasskeys = (at: string | null) =>
  at !== null && new URL(at).origin === location.origin && "PublicKeyCredential" in window;

/** Where the passkeys of the server are; null until it is known. */
export function usePasskeys(): { isHere: boolean; at: string | null } | null {
  const { state } = useLoading("sign-in", (signal) => anybody.ask("GET /v1/sign-in", { signal }));
  const { value } = state.value;
  return value === null ? null : { isHere: canUsePasskeys(value.passkeysAt), at: value.passkeysAt };
}

/** Has the browser make a passkey. `ended`: the person did not go on; `known`: the device has one of theirs. */
export async function makePasskey(options: Options): Promise<Credential | "ended" | "known"> {
  const { startRegistration } = await library();
  return startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }).catch(
    (error: unknown) => (error instanceof Error && error.name === "InvalidStateError" ? "known" : "ended"),
  );
}

/** Null if the person did not go on. */
async function signedBy(options: Options): Promise<Credential | null> {
  const { startAuthentication } = await library();
  return startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }).catch(
    () => null,
  );
}

interface PasskeyButtonProps {
  label: string;
  look: string;
  hasFocus?: boolean;
  /** Asks the server for what the passkey has to sign. */
  ask(): Promise<Options>;
  /** Sends what it has signed. */
  onSigned(credential: Credential): Promise<unknown>;
}

/** A button that has the browser sign by a passkey, and says why that did not work. */
export function PasskeyButton({ label, look, hasFocus = false, ask, onSigned }: PasskeyButtonProps) {
  const isEnded = useSignal(false);
  const { fault, seconds, send } = useTries(async () => {
    isEnded.value = false;
    const credential = await signedBy(await ask());
    isEnded.value = credential === null;
    if (credential !== null) await onSigned(credential);
  });
  const part = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (hasFocus) part.current?.querySelector("button")?.focus();
  }, []);
  return (
    <div class={look.includes("big") ? "choice" : "line"} ref={part}>
      <Button look={look} aria-describedby="passkey-fault" disabled={seconds > 0} onClick={() => void send()}>
        {label}
      </Button>
      {isEnded.value ? <EndedPasskey why="ended" /> : null}
      <TryFault id="passkey-fault" of={fault.value} wrong={{}} seconds={seconds} />
    </div>
  );
}

/** Why the browser has used or made no passkey. */
export function EndedPasskey({ why }: { why: "ended" | "known" }) {
  return (
    <span role="alert">
      <State tone="bad">{signInWords.value.passkey[why]}</State>
    </span>
  );
}

/** Where the passkeys of the server can be used, on a page where they cannot. */
export function PasskeysElsewhere({ at }: { at: string | null }) {
  const { passkey: w } = signInWords.value;
  if (at === null || new URL(at).origin === location.origin) return <p class="meta">{w.nowhere}</p>;
  return (
    <p class="meta">
      {w.elsewhere}{" "}
      <a href={`${at}/`}>
        <u>
          <bdi>{at}</bdi>
        </u>
      </a>
    </p>
  );
}
