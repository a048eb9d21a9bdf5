import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { anybody, signInByCookie } from "../state/session.ts";
import { words } from "../words/index.ts";
import { signInWords } from "../words/sign-in.ts";
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

/** The second step of a sign-in: a code of an app, or a recovery code. */
export function SecondStep({ needs, onSignedIn, onBack }: SecondStepProps) {
  const { second: w } = signInWords.value;
  const kinds = needs.filter((one) => one !== "passkey");
  const kind = useSignal(kinds[0] ?? "code");
  const code = useSignal("");
  const { fault, seconds, send } = useTries(async () => {
    await anybody.send("POST /v1/sessions/factor", { body: { kind: kind.value, code: code.value } });
    await signInByCookie();
    onSignedIn?.();
  });
  const other = kinds.find((one) => one !== kind.value);
  const isCode = kind.value === "code";
  const choose = (chosen: typeof other) => {
    if (chosen === undefined) return;
    [kind.value, code.value, fault.value] = [chosen, "", null];
  };
  return (
    <form class="form" key={kind.value} onSubmit={() => void send()}>
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
      <p class="line">
        {other === undefined ? null : (
          <button type="button" class="link-line" onClick={() => choose(other)}>
            <u>{other === "code" ? w.withCode : w.withRecovery}</u>
          </button>
        )}
        <button type="button" class="link-line end" onClick={onBack}>
          <u>{w.back}</u>
        </button>
      </p>
      {isCode ? null : <p class="meta">{w.lost}</p>}
    </form>
  );
}
