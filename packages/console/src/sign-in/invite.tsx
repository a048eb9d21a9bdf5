import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { shortDay, shortTime } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Failed } from "../parts/loaded.tsx";
import { Said } from "../parts/text.tsx";
import { useTitle } from "../parts/title.ts";
import { addressOf } from "../state/address.ts";
import { type Failure, failureOf } from "../state/failure.ts";
import { useLoading, useOnce } from "../state/loading.ts";
import { address, goInstead } from "../state/route.ts";
import { anybody, noteSession, signInByCookie } from "../state/session.ts";
import { words } from "../words/index.ts";
import { Card } from "./card.tsx";
import { signInWords } from "./words.ts";

/** The invitation, and the name of the company if there is one to continue with. */
type Invitation = Api["GET /v1/invitations/{token}"]["answer"] & { company: string | null };

/** An invitation that was opened: who invites, as what; and the way to accept it. */
export function InvitePage() {
  const { invite: w } = signInWords.value;
  useTitle(w.title);
  const token = address.value.id ?? "";
  const { state, reload } = useLoading(`invitation ${token}`, (signal) => readInvitation(token, signal));
  const { value, failure, retryAt } = state.value;
  if (value !== null) return <Opened of={value} token={token} />;
  const isGone = failure !== null && [400, 404, 410].includes(failure.status);
  return (
    <Card title={w.title} foot={signInWords.value.noAccount}>
      {isGone ? (
        <>
          <p class="note bad" role="alert">
            {w.used}
          </p>
          <a class="btn big" href={addressOf("sign-in")}>
            {w.toSignIn}
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
  const start = `/v1/sign-in/oidc?invitation=${encodeURIComponent(token)}`;
  return (
    <Card
      title={w.invite.title}
      about={<bdi>{w.invite.by(of.by.name ?? "Gatepost", roles[of.role].toLocaleLowerCase(locale), seenBy(of))}</bdi>}
      foot={w.invite.expires(`${shortDay(of.expires)} ${shortTime(of.expires)}`)}
    >
      {of.company === null ? null : (
        <>
          <a class="btn main big" href={start} onClick={() => noteSession(true)}>
            {w.continue(of.company)}
          </a>
          <span class="or">{w.either}</span>
        </>
      )}
      <Accept of={of} token={token} />
    </Card>
  );
}

function seenBy({ sites, boxes }: Invitation): string {
  const names = [...(sites ?? []), ...(boxes ?? [])];
  if (names.length === 0) return signInWords.value.invite.everything;
  return names.join(words.value.code === "zh-CN" ? "、" : ", ");
}

const minPasswordLength = 10;

function Accept({ of, token }: { of: Invitation; token: string }) {
  const w = signInWords.value;
  const [name, password] = [useSignal(of.name ?? ""), useSignal("")];
  const fault = useSignal<Failure | null>(null);
  const send = useOnce(async () => {
    fault.value = null;
    try {
      const body = { name: name.value.trim(), password: password.value };
      await anybody.send("POST /v1/invitations/{token}", { path: { token }, body });
      await signInByCookie();
      goInstead("live");
    } catch (error) {
      fault.value = failureOf(error);
    }
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void send();
  };
  return (
    <form class="form" onSubmit={submit}>
      <label class="choice">
        {w.email}
        <input class="field" type="email" autocomplete="username" readOnly value={of.email} />
      </label>
      <label class="choice">
        {w.invite.name}
        <input
          class="field"
          autocomplete="name"
          maxLength={64}
          required
          value={name.value}
          onInput={({ currentTarget }) => (name.value = currentTarget.value)}
        />
      </label>
      <label class="choice">
        {w.password}
        <input
          class="field"
          type="password"
          autocomplete="new-password"
          minLength={minPasswordLength}
          maxLength={256}
          required
          aria-describedby="password-rule"
          value={password.value}
          onInput={({ currentTarget }) => (password.value = currentTarget.value)}
        />
      </label>
      <span class="meta" id="password-rule">
        {w.invite.choose}
      </span>
      {fault.value === null ? null : (
        <p class="note bad" role="alert">
          <Said of={fault.value} />
        </p>
      )}
      <Button look={of.company === null ? "main big" : "big"} type="submit">
        {w.do}
      </Button>
    </form>
  );
}
