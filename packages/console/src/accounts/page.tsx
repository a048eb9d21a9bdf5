import type { Api } from "@gatepost/client";
import { type Signal, useSignal } from "@preact/signals";
import { clockTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Check } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { canUsePasskeys } from "../parts/pages/passkeys.tsx";
import { useTitle } from "../parts/title.ts";
import { addressOf } from "../state/address.ts";
import { serverAddress } from "../state/home.ts";
import { useLoading } from "../state/loading.ts";
import { address, parameter } from "../state/route.ts";
import {
  anybody,
  isReadKey,
  noteSession,
  type SignedOut,
  signedOut,
  signIn,
  signInByCookie,
  signInByKey,
} from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";
import { Say } from "../words/say.tsx";
import { signInWords } from "../words/sign-in.ts";
import { Card } from "./card.tsx";
import { PasskeyButton } from "./passkey-button.tsx";
import { PasswordForm } from "./password-form.tsx";
import { type Needs, SecondStep } from "./second-step.tsx";

type Ways = Api["GET /v1/sign-in"]["answer"];

/** Signing in: with the company, with e-mail and password, or with a key; and why the user was signed out. */
export function SignInPage() {
  const w = signInWords.value;
  useTitle(words.value.pages["sign-in"]);
  const { state } = useLoading("sign-in", (signal) => anybody.ask("GET /v1/sign-in", { signal }));
  const isByKey = useSignal(isOfKey(signedOut.value));
  const needs = useSignal<Needs | null>(null);
  const { value, failure } = state.value;
  if (needs.value !== null) {
    return (
      <Card title={w.second.title} about={w.second.about} foot={w.second.help}>
        <SecondStep needs={needs.value} onBack={() => (needs.value = null)} />
      </Card>
    );
  }
  return (
    <Card
      title={words.value.pages["sign-in"]}
      {...(isByKey.value ? { about: w.with } : {})}
      foot={isByKey.value ? <Say text={w.none} /> : w.noAccount}
    >
      <Why out={signedOut.value} />
      {/* Nothing moves under the pointer when it becomes known that the company is asked first. */}
      {value === null && failure === null ? null : isByKey.value ? (
        <KeyForm />
      ) : (
        <AsPerson ways={value} onHalf={(kinds) => (needs.value = kinds)} />
      )}
      {value?.isSecure === false && !isOnThisMachine() ? <p class="meta">{w.isReadable}</p> : null}
      <p class="line">
        {isByKey.value ? null : <Forgot />}
        <button type="button" class="link-line end" onClick={() => (isByKey.value = !isByKey.value)}>
          <u>{isByKey.value ? w.withPassword : w.withKey}</u>
        </button>
      </p>
    </Card>
  );
}

/** A request to the machine itself passes no line. */
const isOnThisMachine = () => ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

function AsPerson({ ways, onHalf }: { ways: Ways | null; onHalf(needs: Needs): void }) {
  const w = signInWords.value;
  const company = ways?.company ?? null;
  const stay = useSignal(false);
  const passkey = canUsePasskeys(ways?.passkeysAt ?? null) ? <ByPasskey stay={stay} /> : null;
  if (company === null) {
    return (
      <>
        <PasswordForm isFirst stay={stay} onHalf={onHalf} />
        {passkey}
      </>
    );
  }
  return (
    <>
      <a class="btn main big" href={startOf(company.start)} onClick={() => noteSession(true)}>
        {w.continue(company.name)}
      </a>
      {ways?.passwords === false ? null : (
        <>
          <span class="or">{w.either}</span>
          <PasswordForm isFirst={false} stay={stay} onHalf={onHalf} />
          {passkey}
        </>
      )}
    </>
  );
}

function ByPasskey({ stay }: { stay: Signal<boolean> }) {
  return (
    <PasskeyButton
      label={signInWords.value.passkey.signIn}
      look="big"
      ask={() => anybody.ask("POST /v1/sessions/passkey/options")}
      onSigned={async (credential) => {
        await anybody.ask("POST /v1/sessions", { body: { credential, stay: stay.value } });
        await signInByCookie();
      }}
    />
  );
}

/** The way to the company's page, and back to the address that is shown. */
function startOf(start: string): string {
  const { page, id, query } = address.value;
  const url = new URL(serverAddress(start), location.origin);
  url.searchParams.set("next", page === "sign-in" ? addressOf("live") : addressOf(page, id, query));
  return `${url.pathname}${url.search}`;
}

function Forgot() {
  const w = signInWords.value;
  const isAsked = useSignal(false);
  if (isAsked.value) return <span role="status">{w.forgotWhy}</span>;
  return (
    <button type="button" class="link-line" onClick={() => (isAsked.value = true)}>
      <u>{w.forgot}</u>
    </button>
  );
}

/** Whether it was a key that opens nothing any more. */
const isOfKey = (out: SignedOut) => out !== null && !["ended", "used", "other-site"].includes(out.because);

function Why({ out }: { out: SignedOut }) {
  const why = out === null ? ofCompany() : sentenceOf(out);
  if (why === null) return null;
  return (
    <div class="note bad" role="alert">
      <Icon name="key" />
      <p>
        <Say text={why} />
      </p>
    </div>
  );
}

/** What the server says of a sign-in with the company that did not work, in the address to which it leads back. */
function ofCompany(): string | null {
  const fault = parameter("why");
  if (fault === null) return null;
  const { company } = signInWords.value;
  return entryOf<string>(company, fault) ?? company.failed;
}

function sentenceOf({ because, at }: NonNullable<SignedOut>): string {
  const w = signInWords.value;
  const sentences = {
    revoked: w.revoked(clockTime(at)),
    expired: w.expired,
    unknown: w.unknown,
    ingest: w.ingest,
    "too-many": w.tooMany,
    unreachable: w.unreachable,
    malformed: w.malformed,
    ended: w.ended,
    used: w.used,
    "other-site": w.otherSite,
  };
  return sentences[because];
}

/** Signing in with a key, as a program or a screen has one. */
function KeyForm() {
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
        {words.value.pages["sign-in"]}
      </Button>
    </form>
  );
}
