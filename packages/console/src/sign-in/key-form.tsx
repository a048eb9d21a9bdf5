import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { Check } from "../parts/field.tsx";
import { isReadKey, signIn, signInByKey } from "../state/session.ts";
import { signInWords } from "../words/sign-in.ts";

/** Signing in with a key, as a program or a screen has one. */
export function KeyForm() {
  const w = signInWords.value;
  const typed = useSignal("");
  const isKept = useSignal(false);
  const submit = () => {
    const key = typed.value.trim();
    void (isKept.value && isReadKey(key) ? signIn(key, { isKept: true }) : signInByKey(key));
  };
  const isKeepable = typed.value === "" || isReadKey(typed.value.trim());
  return (
    <form class="form" onSubmit={submit}>
      <label for="key">{w.key}</label>
      <input
        class="field mono"
        id="key"
        type="password"
        autocomplete="current-password"
        placeholder={w.or}
        maxLength={200}
        required
        value={typed.value}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
        }}
      />
      <Check
        label={w.keep}
        why={isKeepable ? w.keepWhy : w.keepReadOnly}
        isOn={isKept.value && isKeepable}
        disabled={!isKeepable}
        onChange={(isOn) => (isKept.value = isOn)}
      />
      <Button look="main big" type="submit">
        {w.do}
      </Button>
    </form>
  );
}
