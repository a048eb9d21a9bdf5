import type { Api } from "@gatepost/client";
import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/browser";
import { useLoading } from "../../state/loading.ts";
import { anybody } from "../../state/session.ts";
import { signInWords } from "../../words/sign-in.ts";
import { State } from "../mark.tsx";

export type PasskeyOptions = Api["POST /v1/sessions/passkey/options"]["answer"];
export type PasskeyCredential = Extract<Api["POST /v1/sessions"]["body"], { credential: unknown }>["credential"];

/** The library is loaded when a passkey is first used. */
export const passkeyLibrary = () => import("@simplewebauthn/browser");

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
export async function makePasskey(options: PasskeyOptions): Promise<PasskeyCredential | "ended" | "known"> {
  const { startRegistration } = await passkeyLibrary();
  return startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON }).catch(
    (error: unknown) => (error instanceof Error && error.name === "InvalidStateError" ? "known" : "ended"),
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
