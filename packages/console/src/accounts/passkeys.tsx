import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { OwnFailure } from "../state/failure.ts";
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

/** Has the browser make a passkey. Throws a failure in words if the person does not go on, or the device has one. */
export async function makePasskey(options: Options): Promise<Credential> {
  const { startRegistration } = await library();
  const { passkey: w } = signInWords.peek();
  return startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }).catch(
    (error: unknown) => {
      throw new OwnFailure(error instanceof Error && error.name === "InvalidStateError" ? w.known : w.ended);
    },
  );
}

async function signedBy(options: Options): Promise<Credential> {
  const { startAuthentication } = await library();
  return startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON }).catch(() => {
    throw new OwnFailure(signInWords.peek().passkey.ended);
  });
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
  const isBusy = useSignal(false);
  const { fault, seconds, send } = useTries(async () => {
    isBusy.value = true;
    try {
      await onSigned(await signedBy(await ask()));
    } finally {
      isBusy.value = false;
    }
  });
  const part = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (hasFocus) part.current?.querySelector("button")?.focus();
  }, []);
  return (
    <div class={look.includes("big") ? "choice" : "line"} ref={part}>
      <Button
        look={look}
        aria-busy={isBusy.value}
        aria-describedby="passkey-fault"
        disabled={seconds > 0}
        onClick={() => void send()}
      >
        {label}
      </Button>
      <TryFault id="passkey-fault" of={fault.value} wrong={{}} seconds={seconds} />
    </div>
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
