import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { FormDialog } from "../parts/dialog.tsx";
import { Check, Field, Switch } from "../parts/field.tsx";
import { Loaded } from "../parts/loaded.tsx";
import { Mark } from "../parts/mark.tsx";
import { attempt } from "../state/failure.ts";
import { serverAddress } from "../state/home.ts";
import { useLoading, useOnce } from "../state/loading.ts";
import {
  type Browser,
  change,
  obstacle,
  ownSubscription,
  subscribe,
  test,
  unsubscribe,
} from "../state/push/subscription.ts";
import { me } from "../state/session.ts";
import { words } from "../words/index.ts";
import { labels } from "../words/labels.ts";
import { settingsWords } from "../words/settings.ts";

/** The kinds that a person chooses, in their order. */
const kinds = ["blacklist", "strangers", "silence"] as const;

type Fault = keyof (typeof settingsWords.value)["push"]["faults"];

/** Notifications of this browser, which arrive also when the page is closed. */
export function Notifications() {
  const w = settingsWords.value.push;
  if (obstacle() === "http") {
    return (
      <p class="meta">
        {w.http} <a href={serverAddress("/assets/https.html")}>{w.howToHttps}</a>
      </p>
    );
  }
  return <Subscribable />;
}

function Subscribable() {
  const w = settingsWords.value.push;
  const loading = useLoading("notifications", ownSubscription);
  const before = obstacle();
  const fault = useSignal<Fault | null>(before === "http" ? null : before);
  const isAsking = useSignal(false);
  const turnOn = async (contact: string | null) => {
    fault.value = await subscribe(contact);
    loading.reload();
  };
  const turn = (own: Browser | null, hasContact: boolean) =>
    attempt(async () => {
      if (own !== null) {
        await unsubscribe(own.id);
        loading.reload();
      } else if (hasContact) await turnOn(null);
      else isAsking.value = true;
    });
  return (
    <Loaded of={loading}>
      {({ own, hasContact }) => (
        <div class="stack">
          <Turn own={own} disabled={fault.value === "none"} onTurn={() => turn(own, hasContact)} />
          {fault.value === null ? null : <p class="meta">{w.faults[fault.value]}</p>}
          {own === null ? null : <Choices own={own} onChanged={loading.reload} />}
          <p class="meta">{w.iphone}</p>
          {isAsking.value ? <Contact onSend={turnOn} onClose={() => (isAsking.value = false)} /> : null}
        </div>
      )}
    </Loaded>
  );
}

/** Asks whom push services may write to: Apple refuses notifications of a sender that it cannot reach. */
function Contact({ onSend, onClose }: { onSend(contact: string): Promise<void>; onClose(): void }) {
  const w = settingsWords.value.push;
  const address = useSignal(me.value?.account?.email ?? "");
  const typed = address.value.trim();
  return (
    <FormDialog title={w.contact} does={w.turnOn} isReady={typed !== ""} onSend={() => onSend(typed)} onClose={onClose}>
      <Field label={labels.value.contact} member="contact" of={address} type="email" required maxLength={254} />
      <p class="meta">{w.contactWhy}</p>
    </FormDialog>
  );
}

interface TurnProps {
  own: Browser | null;
  disabled: boolean;
  onTurn(): Promise<unknown>;
}

function Turn({ own, disabled, onTurn }: TurnProps) {
  const w = settingsWords.value.push;
  const id = useId();
  const turn = useOnce(onTurn);
  return (
    <div class="line">
      <Switch
        id={id}
        isOn={own !== null}
        disabled={disabled}
        onClick={(event) => {
          // The switch turns once the server has answered.
          event.preventDefault();
          void turn();
        }}
      />
      <label for={id}>{w.title}</label>
      {own === null ? null : <Test id={own.id} />}
    </div>
  );
}

function Test({ id }: { id: string }) {
  const w = settingsWords.value.push;
  const notice = useSignal<{ isGood: boolean; text: string } | null>(null);
  const send = useOnce(() =>
    attempt(async () => {
      notice.value = null;
      const { why, reason, ms } = await test(id);
      if (why !== null) notice.value = { isGood: false, text: [w.why[why], reason].filter(Boolean).join(" ") };
      else notice.value = { isGood: ms !== null, text: ms === null ? w.notYet : w.arrived(ms) };
    }),
  );
  return (
    <span class="end line">
      <span role="status">
        {notice.value === null ? null : (
          <span class={notice.value.isGood ? "state ok" : "state bad wraps"}>
            <Mark name={notice.value.isGood ? "tick" : "bad"} />
            {notice.value.text}
          </span>
        )}
      </span>
      <Button look="small" icon="send" onClick={() => void send()}>
        {words.value.rules.test}
      </Button>
    </span>
  );
}

function Choices({ own, onChanged }: { own: Browser; onChanged(): void }) {
  const w = settingsWords.value.push;
  const to = (asked: Parameters<typeof change>[1]) =>
    void attempt(async () => {
      await change(own.id, asked);
      onChanged();
    });
  return (
    <>
      <fieldset class="gap bare">
        <legend class="hide">{w.kindsOf}</legend>
        {kinds.map((kind) => (
          <Check
            key={kind}
            label={w.kinds[kind]}
            isOn={own.kinds.includes(kind)}
            onChange={(isOn) => to({ kinds: isOn ? [...own.kinds, kind] : own.kinds.filter((one) => one !== kind) })}
          />
        ))}
      </fieldset>
      <div>
        <Check label={w.locked} isOn={own.locked} onChange={(locked) => to({ locked })} />
        <p class="meta">{w.elseOnly}</p>
      </div>
      <Check label={w.badge} isOn={own.badge} onChange={(badge) => to({ badge })} />
    </>
  );
}
