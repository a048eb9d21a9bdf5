import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Field } from "../parts/field.tsx";
import { FormFaults, useSending } from "../parts/form-faults.tsx";
import { goInstead } from "../state/route.ts";
import { me, signInByCookie } from "../state/session.ts";
import { labels } from "../words/labels.ts";
import { signInWords } from "../words/sign-in.ts";
import { type Half, type Needs, SecondStep } from "./second-step.tsx";

const minPasswordLength = 10;

/** Signs in by the session that a password began, and leads a person who needs a second factor to adding it. */
export async function enter(): Promise<boolean> {
  await signInByCookie();
  const isNeeded = (me.value?.account?.factorUntil ?? null) !== null;
  if (isNeeded) goInstead("settings", "you", { act: ["factor"] });
  return isNeeded;
}

interface FirstSignInProps {
  /** Gives the person a password, and this browser the cookie of a session, unless a second step is needed. */
  onSend(): Promise<Half>;
  buttons: ComponentChildren;
  children: ComponentChildren;
}

/** A form by which a person chooses a password, and then is signed in. */
export function FirstSignIn({ onSend, buttons, children }: FirstSignInProps) {
  const needs = useSignal<Needs | null>(null);
  const { fault, send } = useSending(async () => {
    const half = await onSend();
    needs.value = half?.needs ?? null;
    if (half !== undefined) return;
    if (!(await enter())) goInstead("live");
  });
  if (needs.value !== null) {
    const toSignIn = () => goInstead("sign-in");
    return <SecondStep needs={needs.value} onSignedIn={() => goInstead("live")} onBack={toSignIn} />;
  }
  return (
    <form class="form" onSubmit={() => void send()}>
      <FormFaults of={fault.value}>{children}</FormFaults>
      {buttons}
    </form>
  );
}

/** The name of a person who chooses a password. */
export function NameField({ of }: { of: Signal<string> }) {
  return (
    <Field label={signInWords.value.invite.name} member="name" of={of} autocomplete="name" maxLength={64} required />
  );
}

/** The address by which a person signs in. */
export function EmailField({ of }: { of: Signal<string> }) {
  const { email } = signInWords.value;
  return <Field label={email} member="email" of={of} type="email" autocomplete="username" maxLength={254} required />;
}

/** A new password, and its rule. */
export function NewPasswordField({ of }: { of: Signal<string> }) {
  const w = signInWords.value;
  const rule = "password-rule";
  const length = { minLength: minPasswordLength, maxLength: 256 };
  return (
    <>
      <Field
        label={labels.value.password}
        member="password"
        of={of}
        type="password"
        {...length}
        required
        aria-describedby={rule}
      />
      <span class="meta" id={rule}>
        {w.invite.choose}
      </span>
    </>
  );
}
