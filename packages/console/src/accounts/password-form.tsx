import { type Signal, useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Check, Field } from "../parts/field.tsx";
import { anybody } from "../state/session.ts";
import { words } from "../words/index.ts";
import { signInWords } from "../words/sign-in.ts";
import { EmailField, enter } from "./fields.tsx";
import type { Needs } from "./second-step.tsx";
import { TryFault, useTries } from "./tries.tsx";

const maxPasswordLength = 1000;

interface PasswordFormProps {
  /** Whether no other way is before it. */
  isFirst: boolean;
  /** Whether the person stays signed in. */
  stay: Signal<boolean>;
  /** Called when the password is right, and a second step is needed. */
  onHalf(needs: Needs): void;
}

export function PasswordForm({ isFirst, stay, onHalf }: PasswordFormProps) {
  const w = signInWords.value;
  const [email, password] = [useSignal(""), useSignal("")];
  const { fault, seconds, send } = useTries(async () => {
    const body = { email: email.value.trim(), password: password.value, stay: stay.value };
    const half = await anybody.ask("POST /v1/sessions", { body });
    if (half === undefined) await enter();
    else onHalf(half.needs);
  });
  // One sentence for a wrong e-mail and a wrong password, also while the next try must wait.
  return (
    <form class="form" onSubmit={() => void send()}>
      <EmailField of={email} />
      <Field
        label={w.password}
        of={password}
        type="password"
        autocomplete="current-password"
        maxLength={maxPasswordLength}
        required
        aria-invalid={fault.value?.status === 401}
        aria-describedby="sign-in-fault"
      />
      <TryFault id="sign-in-fault" of={fault.value} wrong={{ 401: w.wrong, 429: w.wrong }} seconds={seconds} />
      <Check label={w.stay} why={w.stayWhy} isOn={stay.value} onChange={(isOn) => (stay.value = isOn)} />
      <Button look={isFirst ? "main big" : "big"} type="submit" disabled={seconds > 0}>
        {words.value.pages["sign-in"]}
      </Button>
    </form>
  );
}
