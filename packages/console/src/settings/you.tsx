import type { Me } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { useAct } from "../state/act.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost, me } from "../state/session.ts";
import { listSites } from "../state/sites.ts";
import { words } from "../words/index.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";
import { Factors } from "./factors.tsx";
import { sightWords } from "./sees.tsx";
import { Sessions, useSessions } from "./sessions.tsx";

/** The account of the user, and where the user is signed in. */
export function You() {
  const account = me.value?.account ?? null;
  return account === null ? null : <Own of={account} />;
}

function Own({ of: account }: { of: NonNullable<Me["account"]> }) {
  const w = settingsWords.value;
  const { state } = useLoading("own sites", listSites);
  const sessions = useSessions(account.id);
  const { id, name, email, role, with: way } = account;
  return (
    <>
      <section class="panel" aria-labelledby="you-title">
        <header>
          <h2 id="you-title">
            <bdi>{name ?? email ?? id}</bdi>
          </h2>
          {way !== "company" ? <ChangePassword onChanged={sessions.reload} /> : null}
        </header>
        <dl class="facts body">
          <dt>{w.email}</dt>
          <dd>
            <bdi>{email ?? "–"}</bdi>
          </dd>
          <dt>{w.role}</dt>
          <dd>{words.value.roles[role]}</dd>
          <dt>{w.sees}</dt>
          <dd>
            <bdi>{sightWords(account, state.value.value ?? [])}</bdi>
          </dd>
          <dt>{w.signsInWith}</dt>
          <dd>{w.with[way]}</dd>
        </dl>
      </section>
      {way !== "company" ? <Factors onRemoved={sessions.reload} /> : null}
      <section class="panel" aria-labelledby="sessions-title">
        <header>
          <h2 id="sessions-title">{w.sessions}</h2>
        </header>
        <Sessions account={id} of={sessions} />
      </section>
    </>
  );
}

function ChangePassword({ onChanged }: { onChanged(): void }) {
  const w = settingsWords.value;
  const isOpen = useAct("password");
  return (
    <span class="end">
      <Button look="small" onClick={() => (isOpen.value = true)}>
        {w.changePassword}
      </Button>
      {isOpen.value ? <NewPassword onChanged={onChanged} onClose={() => (isOpen.value = false)} /> : null}
    </span>
  );
}

function NewPassword({ onChanged, onClose }: { onChanged(): void; onClose(): void }) {
  const w = settingsWords.value;
  const [current, password] = [useSignal(""), useSignal("")];
  const save = async () => {
    await gatepost().send("PUT /v1/password", { body: { current: current.value, password: password.value } });
    say(w.passwordChanged);
    onChanged();
  };
  return (
    <FormDialog title={w.newPassword} onSend={save} onClose={onClose}>
      <Field
        label={labels.value.current}
        member="current"
        of={current}
        type="password"
        autocomplete="current-password"
        required
        maxLength={256}
      />
      <Field label={w.newPassword} member="password" of={password} type="password" required maxLength={256} />
      <p class="meta">{w.passwordRule}</p>
    </FormDialog>
  );
}
