import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Check, Field } from "../parts/field.tsx";
import { State } from "../parts/mark.tsx";
import { here } from "../state/clock.ts";
import { type Failure, failureOf, failureText } from "../state/failure.ts";
import { useOnce } from "../state/loading.ts";
import { anybody, signInByCookie } from "../state/session.ts";
import { words } from "../words/index.ts";
import { signInWords } from "../words/sign-in.ts";
import { EmailField } from "./fields.tsx";

const maxPasswordLength = 1000;

/** @param isFirst whether no other way is before it */
export function PasswordForm({ isFirst }: { isFirst: boolean }) {
  const w = signInWords.value;
  const [email, password] = [useSignal(""), useSignal("")];
  const stay = useSignal(false);
  const fault = useSignal<Failure | null>(null);
  /** When the next try is possible, ms since 1970. */
  const nextAt = useSignal(0);
  const send = useOnce(async () => {
    fault.value = null;
    try {
      const body = { email: email.value.trim(), password: password.value, stay: stay.value };
      await anybody.send("POST /v1/sessions", { body });
      await signInByCookie();
    } catch (error) {
      fault.value = failureOf(error);
      nextAt.value = Date.now() + (fault.value?.retryAfter ?? 0) * 1000;
    }
  });
  const seconds = Math.ceil((nextAt.value - here.value) / 1000);
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
      {fault.value === null ? null : (
        <span id="sign-in-fault" role="alert">
          <State tone="bad">
            <bdi>{sentenceOf(fault.value)}</bdi> <span aria-live="off">{seconds > 0 ? w.waits(seconds) : null}</span>
          </State>
        </span>
      )}
      <Check label={w.stay} why={w.stayWhy} isOn={stay.value} onChange={(isOn) => (stay.value = isOn)} />
      <Button look={isFirst ? "main big" : "big"} type="submit" disabled={seconds > 0}>
        {words.value.pages["sign-in"]}
      </Button>
    </form>
  );
}

/** One sentence for a wrong e-mail and a wrong password, also while the next try must wait. */
function sentenceOf(fault: Failure): string {
  return fault.status === 401 || fault.status === 429 ? signInWords.value.wrong : failureText(fault);
}
