import { useSignal } from "@preact/signals";
import { clockTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { useTitle } from "../parts/title.ts";
import { isReadKey, type SignedOut, signedOut, signIn } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Say } from "../words/say.tsx";
import { LanguageButton } from "./foot.tsx";
import { Logo } from "./logo.tsx";

/** The form for a key, and why there is none any more. */
export function SignIn() {
  const { signIn: w } = words.value;
  useTitle(w.title);
  return (
    <main class="center">
      <div class="card">
        <span class="brand">
          <Logo />
          Gatepost
        </span>
        <div class="gap">
          <h1>{w.title}</h1>
          <p class="quiet">{w.with}</p>
        </div>
        <Why out={signedOut.value} />
        <Form />
        <p class="meta">
          <Say text={w.none} />
        </p>
        <p class="line meta languages">
          <LanguageButton />
        </p>
      </div>
    </main>
  );
}

function Why({ out }: { out: SignedOut }) {
  if (out === null) return null;
  const { signIn: w } = words.value;
  const sentences = {
    revoked: w.revoked(clockTime(out.at)),
    expired: w.expired,
    unknown: w.unknown,
    ingest: w.ingest,
    "too-many": w.tooMany,
    unreachable: w.unreachable,
    malformed: w.malformed,
  };
  return (
    <div class="note bad" role="alert">
      <Icon name="key" />
      <p>{sentences[out.because]}</p>
    </div>
  );
}

function Form() {
  const { signIn: w } = words.value;
  const typed = useSignal("");
  const isKept = useSignal(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void signIn(typed.value.trim(), { isKept: isKept.value });
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
      <label class="check">
        <input
          type="checkbox"
          checked={isKept.value && isKeepable}
          disabled={!isKeepable}
          onChange={({ currentTarget }) => {
            isKept.value = currentTarget.checked;
          }}
        />
        <span>
          {w.keep}
          <br />
          <span class="meta">{isKeepable ? w.keepWhy : w.keepReadOnly}</span>
        </span>
      </label>
      <Button look="main" type="submit">
        {w.do}
      </Button>
    </form>
  );
}
