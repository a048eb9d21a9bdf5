import type { Action, Event } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { boxNameOf, placeOf } from "../../format/event.ts";
import { clockTime, day } from "../../format/time.ts";
import { askWhy } from "../../parts/acknowledge-dialog.tsx";
import { AlertMe } from "../../parts/alert-me.tsx";
import { Button } from "../../parts/button.tsx";
import { CopyLink } from "../../parts/copy-link.tsx";
import { Head } from "../../parts/head.tsx";
import { later } from "../../parts/later.tsx";
import { Blank, Failed, Skeleton } from "../../parts/loaded.tsx";
import { Kind } from "../../parts/mark.tsx";
import { Opener } from "../../parts/popover.tsx";
import { usePaperSite } from "../../parts/printing.ts";
import { seeGroup } from "../../parts/stand-out.tsx";
import { BoxText } from "../../parts/text.tsx";
import { useTitle } from "../../parts/title.ts";
import { isDecided, isOpen } from "../../state/acting/decided.ts";
import { addressOf } from "../../state/address.ts";
import { onErased } from "../../state/erased.ts";
import { attempt } from "../../state/failure.ts";
import { lastSeen, lastTakenBack } from "../../state/live/standing.ts";
import { groupOf } from "../../state/live/standing-rows.ts";
import { useOnce } from "../../state/loading.ts";
import { useGates } from "../../state/people/gates.ts";
import { isManager, mayJudge } from "../../state/role.ts";
import { address } from "../../state/route.ts";
import { gatepost } from "../../state/session.ts";
import { defaultSite } from "../../state/sites.ts";
import { actionWords } from "../../words/actions.ts";
import { words } from "../../words/index.ts";
import { peopleWords } from "../../words/people.ts";
import { AboutOther, Decided, Pair } from "./beside.tsx";
import { usePassing } from "./passing.ts";
import { Strangers } from "./strangers.tsx";

/** Was this stranger here before? The user looks: no machine compares faces. */
export function StrangerPage() {
  const id = address.value.id ?? "";
  useGates();
  return <Shown key={id} id={id} />;
}

function Shown({ id }: { id: string }) {
  const w = peopleWords.value;
  const { state, event: known, reload } = usePassing(id, { isFresh: true });
  const { failure, retryAt } = state.value;
  const event = failure?.status === 404 ? null : known;
  useTitle(event === null ? words.value.pages.stranger : w.strangerAt(placeOf(event)));
  const [seen, takenBack] = [lastSeen.value, lastTakenBack.value].map((ids) => (ids.includes(id) ? ids : null));
  useEffect(() => {
    if (seen || takenBack) reload();
  }, [seen, takenBack]);
  useEffect(
    () =>
      onErased(
        (isErased) => {
          const held = state.peek().value;
          if (held !== null && isErased(held)) reload();
        },
        () => [state.peek().value],
      ),
    [],
  );
  if (event === null) {
    return (
      <>
        <Head title={words.value.pages.stranger} />
        {failure === null ? <Skeleton as="panels" /> : <Failed failure={failure} retryAt={retryAt} onRetry={reload} />}
      </>
    );
  }
  if (event.person.type !== "stranger") return <NoStranger id={id} />;
  return <Whole event={event} onChanged={reload} />;
}

function NoStranger({ id }: { id: string }) {
  const w = peopleWords.value;
  return (
    <>
      <Head title={words.value.pages.stranger} />
      <Blank icon="people" title={w.notStranger}>
        <a class="btn main" href={addressOf("event", id)}>
          {w.openEvent}
        </a>
      </Blank>
    </>
  );
}

function Whole({ event, onChanged }: { event: Event; onChanged(): void }) {
  const [fixed, pointed, first] = [
    useSignal<string | null>(null),
    useSignal<string | null>(null),
    useSignal<string | null | undefined>(undefined),
  ];
  usePaperSite(event.box.site ?? defaultSite);
  const beside = pointed.value ?? fixed.value ?? first.value ?? null;
  return (
    <article aria-labelledby="who">
      <Title event={event} onChanged={onChanged} />
      <div class="stranger-page">
        <div class="stick">
          <Pair event={event} beside={beside} />
          {beside === null ? null : <AboutOther event={event} id={beside} />}
          {beside === null && first.value === undefined ? <div class="place" /> : null}
        </div>
        <Strangers event={event} beside={{ fixed, pointed, first }} />
      </div>
    </article>
  );
}

function Title({ event, onChanged }: { event: Event; onChanged(): void }) {
  const w = peopleWords.value;
  return (
    <header class="title">
      <div class="gap">
        <h1 id="who">
          <bdi>{w.strangerAt(placeOf(event))}</bdi>
        </h1>
        <span class="line">
          <Kind of="stranger" />
          <span class="quiet">·</span>
          <time dateTime={event.time}>
            {day(event.time)} {clockTime(event.time)}
          </time>
          <span class="quiet">·</span>
          <BoxText class="quiet" text={boxNameOf(event.box)} />
          {event.acknowledgement === null ? null : (
            <>
              <span class="quiet">·</span>
              <Decided of={event} />
            </>
          )}
        </span>
      </div>
      <div class="end line">
        <SeenButtons event={event} />
        <Register event={event} onChanged={onChanged} />
        <AlertMe event={event} />
        <Opener label={words.value.more} icon="more" look="icon">
          {(close) => (
            <ul class="choices">
              <li>
                <a class="btn bare" href={addressOf("event", event.id)}>
                  {w.openEvent}
                </a>
              </li>
              <CopyLink onChosen={close} />
            </ul>
          )}
        </Opener>
      </div>
    </header>
  );
}

/** Nothing if a user has seen this stranger, or is sending it. */
function SeenButtons({ event }: { event: Event }) {
  const w = peopleWords.value;
  if (event.acknowledgement !== null || lastSeen.value.includes(event.id)) return null;
  return (
    <>
      <Button look="main" icon="check" data-key="x" aria-keyshortcuts="x" onClick={() => seeGroup(groupOf(event))}>
        {words.value.live.seen} <kbd>X</kbd>
      </Button>
      {mayJudge.value ? (
        <Button
          icon="pencil"
          data-key="r"
          aria-keyshortcuts="r"
          aria-haspopup="dialog"
          onClick={() => askWhy(groupOf(event))}
        >
          {w.seenWhy} <kbd>R</kbd>
        </Button>
      ) : null}
    </>
  );
}

const RegisterDialog = later(async () => (await import("../../parts/acting/register-dialog.tsx")).RegisterDialog);

/** Registers the stranger, if the box asked for it and no user has decided yet. */
function Register({ event, onChanged }: { event: Event; onChanged(): void }) {
  const asked = useSignal<Action | null>(null);
  const wanted = event.actions.find((action) => action.wantAction === "1001" && isOpen(action));
  const open = useOnce((id: string) =>
    attempt(async () => {
      const action = await gatepost().ask("GET /v1/actions/{id}", { path: { id } });
      asked.value = { ...action, event: action.event ?? event };
    }),
  );
  if (!isManager.value || wanted === undefined || isDecided(wanted.id)) return null;
  return (
    <>
      <Button aria-haspopup="dialog" onClick={() => void open(wanted.id)}>
        {actionWords.value.approve["1001"]}
      </Button>
      {asked.value === null ? null : (
        <RegisterDialog
          action={asked.value}
          onApproved={onChanged}
          onClose={() => {
            asked.value = null;
          }}
        />
      )}
    </>
  );
}
