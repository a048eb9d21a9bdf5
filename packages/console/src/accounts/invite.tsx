import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { shortDay, shortTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Failed } from "../parts/loaded.tsx";
import { useTitle } from "../parts/title.ts";
import { addressOf } from "../state/address.ts";
import { serverAddress } from "../state/home.ts";
import { useLoading } from "../state/loading.ts";
import { address } from "../state/route.ts";
import { anybody, noteSession } from "../state/session.ts";
import { words } from "../words/index.ts";
import { signInWords } from "../words/sign-in.ts";
import { Card } from "./card.tsx";
import { FirstSignIn, NameField, NewPasswordField } from "./fields.tsx";

/** The invitation, and the name of the company if there is one to continue with. */
type Invitation = Api["GET /v1/invitations/{token}"]["answer"] & { company: string | null };

/** An invitation that was opened: who invites, as what; and the way to accept it. */
export function InvitePage() {
  const { invite: w } = signInWords.value;
  useTitle(words.value.pages.invite);
  const token = address.value.id ?? "";
  const { state, reload } = useLoading(`invitation ${token}`, (signal) => readInvitation(token, signal));
  const { value, failure, retryAt } = state.value;
  if (value !== null) return <Opened of={value} token={token} />;
  const isGone = failure !== null && [400, 404, 410].includes(failure.status);
  return (
    <Card title={words.value.pages.invite} foot={signInWords.value.noAccount}>
      {isGone ? (
        <>
          <p class="note bad" role="alert">
            {w.used}
          </p>
          <a class="btn big" href={addressOf("sign-in")}>
            {words.value.pages["sign-in"]}
          </a>
        </>
      ) : null}
      {failure === null || isGone ? null : <Failed failure={failure} retryAt={retryAt} onRetry={reload} />}
    </Card>
  );
}

async function readInvitation(token: string, signal: AbortSignal): Promise<Invitation> {
  const [invitation, { company }] = await Promise.all([
    anybody.ask("GET /v1/invitations/{token}", { path: { token }, signal }),
    anybody.ask("GET /v1/sign-in", { signal }),
  ]);
  return { ...invitation, company: company?.name ?? null };
}

function Opened({ of, token }: { of: Invitation; token: string }) {
  const w = signInWords.value;
  const { roles, locale } = words.value;
  const start = serverAddress(`/v1/sign-in/oidc?invitation=${encodeURIComponent(token)}`);
  return (
    <Card
      title={words.value.pages.invite}
      about={<bdi>{w.invite.by(of.by.name ?? "Gatepost", roles[of.role].toLocaleLowerCase(locale), seenBy(of))}</bdi>}
      foot={w.invite.expires(`${shortDay(of.expires)} ${shortTime(of.expires)}`)}
    >
      {of.company === null ? null : (
        <>
          <a class="btn main big" href={start} onClick={() => noteSession(true)}>
            {w.continue(of.company)}
          </a>
          {of.email === null ? null : <span class="or">{w.either}</span>}
        </>
      )}
      {of.email === null ? null : <Accept of={of} email={of.email} token={token} />}
    </Card>
  );
}

function seenBy({ sites, boxes }: Invitation): string {
  const names = [...(sites ?? []), ...(boxes ?? [])];
  if (names.length === 0) return signInWords.value.invite.everything;
  return names.join(words.value.code === "zh-CN" ? "、" : ", ");
}

/** A person without an e-mail address cannot sign in with a password. */
function Accept({ of, email, token }: { of: Invitation; email: string; token: string }) {
  const w = signInWords.value;
  const [name, password] = [useSignal(of.name ?? ""), useSignal("")];
  const send = () => {
    const body = { name: name.value.trim(), password: password.value };
    return anybody.ask("POST /v1/invitations/{token}", { path: { token }, body });
  };
  const button = (
    <Button look={of.company === null ? "main big" : "big"} type="submit">
      {words.value.pages["sign-in"]}
    </Button>
  );
  return (
    <FirstSignIn onSend={send} buttons={button}>
      <Field label={w.email} of={{ value: email }} type="email" autocomplete="username" readOnly />
      <NameField of={name} />
      <NewPasswordField of={password} />
    </FirstSignIn>
  );
}
