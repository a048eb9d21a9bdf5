import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Dialog, FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { PasskeysElsewhere, usePasskeys } from "../parts/pages/passkeys.tsx";
import { serverAddress } from "../state/home.ts";
import { useLoading } from "../state/loading.ts";
import { type AskedProof, onProof } from "../state/proof.ts";
import { anybody, gatepost } from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";
import { labels } from "../words/labels.ts";
import { signInWords } from "../words/sign-in.ts";
import { PasskeyButton } from "./passkey-button.tsx";

/** Asks the person to prove who they are, over the page whose request waits. */
export function ProofDialog({ of: asked }: { of: AskedProof }) {
  // Signing out closes it, too.
  useEffect(() => () => asked.end(false), []);
  if (asked.needs.includes("company")) return <AtCompany of={asked} />;
  return asked.needs.includes("passkey") ? <ByPasskey of={asked} /> : <ByWriting of={asked} />;
}

/** Asks for a passkey, or for a code instead of it. */
function ByPasskey({ of: asked }: { of: AskedProof }) {
  const { proof: w, passkey, second } = signInWords.value;
  const passkeys = usePasskeys();
  const isByCode = useSignal(false);
  const hasCode = asked.needs.some((one) => one !== "passkey");
  const instead = asked.needs.includes("code") ? second.withOther : second.withRecovery;
  const { end } = asked;
  if (passkeys === null) return null;
  if (isByCode.value) return <ByWriting of={asked} />;
  if (!passkeys.isHere && hasCode) return <ByWriting of={asked} others={<PasskeysElsewhere at={passkeys.at} />} />;
  return (
    <Dialog title={w.title} onClose={() => end(false)}>
      <p>{w.why}</p>
      {passkeys.isHere ? (
        <PasskeyButton
          label={passkey.use}
          look="main"
          hasFocus
          ask={() => gatepost().ask("POST /v1/sessions/factor/options")}
          onSigned={async (credential) => {
            await gatepost().send("POST /v1/sessions/factor", { body: { kind: "passkey", credential } });
            end(true);
          }}
        />
      ) : (
        <PasskeysElsewhere at={passkeys.at} />
      )}
      <span class="line foot">
        {hasCode ? <Button onClick={() => (isByCode.value = true)}>{instead}</Button> : null}
        <Button onClick={() => end(false)}>{words.value.cancel}</Button>
      </span>
    </Dialog>
  );
}

/** Asks for the password, or for a code of who has a second factor. */
function ByWriting({ of: { needs, end }, others }: { of: AskedProof; others?: ComponentChildren }) {
  const { proof: w, second } = signInWords.value;
  const isPassword = needs.includes("password");
  const written = useSignal("");
  const field = useRef<HTMLDivElement>(null);
  const send = () => {
    const text = written.value;
    const kind = /^[\d\s-]*$/.test(text.normalize("NFKC")) ? "code" : "recovery";
    const body = isPassword ? ({ kind: "password", password: text } as const) : ({ kind, code: text } as const);
    return gatepost().send("POST /v1/sessions/factor", { body });
  };
  return (
    <FormDialog
      title={w.title}
      first={field}
      under={
        <>
          <p>{w.why}</p>
          {others}
        </>
      }
      does={w.do}
      onSend={send}
      onSent={() => end(true)}
      onClose={() => end(false)}
    >
      <div ref={field}>
        {isPassword ? (
          <Field
            label={labels.value.password}
            member="password"
            of={written}
            type="password"
            autocomplete="current-password"
            maxLength={1000}
            required
          />
        ) : (
          <Field
            label={needs.includes("code") ? w.code : second.recovery}
            member="code"
            of={written}
            autocomplete="one-time-code"
            maxLength={64}
            required
          />
        )}
      </div>
    </FormDialog>
  );
}

/** The page of the company opens in a window of its own, so that this page stays as it is. */
function AtCompany({ of: { end } }: { of: AskedProof }) {
  const { proof: w, company, continue: continueWith } = signInWords.value;
  const { state } = useLoading("sign-in", (signal) => anybody.ask("GET /v1/sign-in", { signal }));
  const fault = useSignal<string | null>(null);
  useEffect(
    () =>
      onProof((why) => {
        if (why === null) end(true);
        else fault.value = why;
      }),
    [],
  );
  const open = () => {
    fault.value = null;
    window.open(serverAddress("/v1/sign-in/oidc?again=1"), "_blank", "popup,width=520,height=720");
  };
  return (
    <Dialog title={w.title} onClose={() => end(false)}>
      <p>{w.why}</p>
      <p class="meta">{w.window}</p>
      {fault.value === null ? null : (
        <p class="note bad" role="alert">
          {entryOf<string>(company, fault.value) ?? company.failed}
        </p>
      )}
      <span class="line foot">
        <Button look="main" onClick={open}>
          {continueWith(state.value.value?.company?.name ?? "SSO")}
        </Button>
        <Button onClick={() => end(false)}>{words.value.cancel}</Button>
      </span>
    </Dialog>
  );
}
