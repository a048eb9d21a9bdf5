import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../../parts/button.tsx";
import { Check, Choice } from "../../parts/field.tsx";
import { ClockField, clockForm } from "../../parts/pages/clock-field.tsx";
import { attempt } from "../../state/failure.ts";
import { useLoading, useOnce } from "../../state/loading.ts";
import { say } from "../../state/notice.ts";
import { gatepost, me } from "../../state/session.ts";
import { type Site, siteNameOf } from "../../state/sites.ts";
import { words } from "../../words/index.ts";
import { scheduleWords } from "../../words/schedules.ts";

type Found = Api["GET /v1/hours/mail"]["answer"];

/** The hours of a site by mail. Users add and remove themselves: only administrators know other accounts. */
export function Mail({ site }: { site: Site }) {
  const loading = useLoading(`mail of hours ${site.id}`, (signal) =>
    gatepost().ask("GET /v1/hours/mail", { query: { site: site.id }, signal }),
  );
  const found = loading.state.value.value;
  const mine = me.value?.account?.id;
  // A key has no address.
  if (found === null || mine === undefined) return null;
  return <Fields key={JSON.stringify(found)} site={site} found={found} mine={mine} onChanged={loading.reload} />;
}

interface FieldsProps {
  site: Site;
  found: Found;
  /** The account of the user. */
  mine: string;
  onChanged(): void;
}

function Fields({ site, found: { mail, isSetUp }, mine, onChanged }: FieldsProps) {
  const w = scheduleWords.value;
  const at = useSignal(mail?.at ?? "08:00");
  const what = useSignal(mail?.what ?? "yesterday");
  const namesOpen = useSignal(mail?.namesOpen ?? false);
  const to = mail?.to ?? [];
  const isMine = to.includes(mine);
  const isChanged =
    mail !== null && (at.value !== mail.at || what.value !== mail.what || namesOpen.value !== mail.namesOpen);
  const set = useOnce(async (accounts: readonly string[]) => {
    const body = { site: site.id, to: [...accounts], at: at.value, what: what.value, namesOpen: namesOpen.value };
    const saved = await attempt(async () => {
      if (accounts.length > 0) return gatepost().ask("PUT /v1/hours/mail", { body });
      await gatepost().send("DELETE /v1/hours/mail", { query: { site: site.id } });
      return true;
    });
    if (saved === null) return;
    say(w.mailSaved);
    onChanged();
  });
  return (
    <section class="stack" aria-labelledby="mail">
      <h2 id="mail">{w.mail}</h2>
      <form class="panel" onSubmit={() => void set(isMine ? to : [...to, mine])}>
        <fieldset class="body stack" disabled={!isSetUp}>
          <legend class="hide">{w.mail}</legend>
          <div class="line">
            <Choice
              label={w.mailDays}
              chosen={what.value}
              choices={[
                ["yesterday", w.mailYesterday],
                ["last-week", w.mailWeek],
              ]}
              onChoose={(chosen) => (what.value = chosen)}
            />
            <ClockField label={w.mailAt} of={at} required />
          </div>
          <Check label={w.mailNamesOpen} isOn={namesOpen.value} onChange={(isOn) => (namesOpen.value = isOn)} />
          <span class="line">
            {isMine && !isChanged ? null : (
              <Button look="main" type="submit" disabled={!clockForm.test(at.value)}>
                {isMine ? words.value.save : w.mailToMe}
              </Button>
            )}
            {isMine ? <Button onClick={() => void set(to.filter((id) => id !== mine))}>{w.mailNotToMe}</Button> : null}
            <span class="quiet">{w.mailedTo(to.length)}</span>
          </span>
        </fieldset>
      </form>
      <p class="quiet">{isSetUp ? w.mailAbout(siteNameOf(site), site.zone) : w.mailNotSetUp}</p>
    </section>
  );
}
