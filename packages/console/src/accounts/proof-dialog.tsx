import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Dialog, FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { serverAddress } from "../state/home.ts";
import { useLoading } from "../state/loading.ts";
import { type AskedProof, onProof } from "../state/proof.ts";
import { anybody, gatepost } from "../state/session.ts";
import { entryOf, words } from "../words/index.ts";
import { labels } from "../words/labels.ts";
import { signInWords } from "../words/sign-in.ts";

/** Asks the person to prove who they are, over the page whose request waits. */
export function ProofDialog({ of: asked }: { of: AskedProof }) {
  // Signing out closes it, too.
  useEffect(() => () => asked.end(false), []);
  return asked.needs.includes("company") ? <AtCompany of={asked} /> : <ByWriting of={asked} />;
}

/** Asks for the password, or for a code of who has a second factor. */
function ByWriting({ of: { needs, end } }: { of: AskedProof }) {
  const { proof: w } = signInWords.value;
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
      under={<p>{w.why}</p>}
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
          <Field label={w.code} member="code" of={written} autocomplete="one-time-code" maxLength={64} required />
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
