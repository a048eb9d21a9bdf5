import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { PasskeysElsewhere, usePasskeys } from "../parts/pages/passkeys.tsx";
import { anybody, signInByCookie } from "../state/session.ts";
import { words } from "../words/index.ts";
import { signInWords } from "../words/sign-in.ts";
import { PasskeyButton } from "./passkey-button.tsx";
import { TryFault, useTries } from "./tries.tsx";

/** What a sign-in with a password still needs; undefined if it is done. */
export type Half = Api["POST /v1/sessions"]["answer"];
export type Needs = NonNullable<Half>["needs"];

interface SecondStepProps {
  needs: Needs;
  onSignedIn?(): void;
  /** Begins again with the password. */
  onBack(): void;
}

/** The second step of a sign-in: a passkey, a code of an app, or a recovery code. */
export function SecondStep({ needs, onSignedIn, onBack }: SecondStepProps) {
  const { second: w } = signInWords.value;
  const passkeys = usePasskeys();
  const chosen = useSignal<Needs[number] | null>(null);
  const signedIn = async () => {
    await signInByCookie();
    onSignedIn?.();
  };
  if (passkeys === null && needs.includes("passkey")) return null;
  const kinds = usual.filter((one) => needs.includes(one) && (one !== "passkey" || passkeys?.isHere === true));
  const kind = chosen.value ?? kinds[0];
  return (
    <>
      {needs.includes("passkey") && passkeys?.isHere === false ? <PasskeysElsewhere at={passkeys.at} /> : null}
      {kind === undefined ? null : <p class="quiet">{w.how[kind]}</p>}
      {kind === "passkey" ? <ByPasskey onSignedIn={signedIn} /> : null}
      {kind === "code" || kind === "recovery" ? <ByCode key={kind} kind={kind} onSignedIn={signedIn} /> : null}
      <p class="line">
        {kinds
          .filter((one) => one !== kind)
          .map((one) => (
            <button key={one} type="button" class="link-line" onClick={() => (chosen.value = one)}>
              <u>{{ passkey: w.withPasskey, code: w.withCode, recovery: w.withRecovery }[one]}</u>
            </button>
          ))}
        <button type="button" class="link-line end" onClick={onBack}>
          <u>{w.back}</u>
        </button>
      </p>
    </>
  );
}

/** The kinds, as they are asked for. */
const usual = ["passkey", "code", "recovery"] as const;

function ByPasskey({ onSignedIn }: { onSignedIn(): Promise<unknown> }) {
  return (
    <PasskeyButton
      label={signInWords.value.passkey.use}
      look="main big"
      hasFocus
      ask={() => anybody.ask("POST /v1/sessions/factor/options")}
      onSigned={async (credential) => {
        await anybody.send("POST /v1/sessions/factor", { body: { kind: "passkey", credential } });
        await onSignedIn();
      }}
    />
  );
}

function ByCode({ kind, onSignedIn }: { kind: "code" | "recovery"; onSignedIn(): Promise<unknown> }) {
  const { second: w } = signInWords.value;
  const code = useSignal("");
  const { fault, seconds, send } = useTries(async () => {
    await anybody.send("POST /v1/sessions/factor", { body: { kind, code: code.value } });
    await onSignedIn();
  });
  const isCode = kind === "code";
  return (
    <form class="form" onSubmit={() => void send()}>
      <Field
        label={isCode ? w.code : w.recovery}
        of={code}
        look="mono"
        autocomplete={isCode ? "one-time-code" : "off"}
        {...(isCode ? { inputMode: "numeric" as const } : {})}
        hasFocus
        required
        minLength={6}
        maxLength={isCode ? 12 : 40}
        aria-invalid={fault.value?.status === 401}
        aria-describedby="second-fault"
      />
      <TryFault id="second-fault" of={fault.value} wrong={{ 429: w.wrong }} seconds={seconds} />
      <Button look="main big" type="submit" disabled={seconds > 0}>
        {words.value.pages["sign-in"]}
      </Button>
    </form>
  );
}
