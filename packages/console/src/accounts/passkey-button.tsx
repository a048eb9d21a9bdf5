import { useSignal } from "@preact/signals";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { EndedPasskey, type PasskeyCredential, type PasskeyOptions, passkeyLibrary } from "../parts/pages/passkeys.tsx";
import { TryFault, useTries } from "./tries.tsx";

/** Null if the person did not go on. */
async function signedBy(options: PasskeyOptions): Promise<PasskeyCredential | null> {
  const { startAuthentication } = await passkeyLibrary();
  return startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }).catch(
    () => null,
  );
}

interface PasskeyButtonProps {
  label: string;
  look: string;
  hasFocus?: boolean;
  /** Asks the server for the options that the passkey signs. */
  ask(): Promise<PasskeyOptions>;
  /** Sends the credential that has signed them. */
  onSigned(credential: PasskeyCredential): Promise<unknown>;
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
