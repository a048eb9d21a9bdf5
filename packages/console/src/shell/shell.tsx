import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { clockTime } from "../format/time.ts";
import { AskedAcknowledge } from "../parts/acknowledge-dialog.tsx";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Head } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { Blank } from "../parts/loaded.tsx";
import { useTitle } from "../parts/title.ts";
import { type Address, addressOf, type PageName } from "../state/address.ts";
import { here } from "../state/clock.ts";
import { alerted } from "../state/live/alerts.ts";
import { connection, lostSince, tryNow } from "../state/live/feed.ts";
import { say } from "../state/notice.ts";
import { isAdmin, isPeopleOff, mayJudge, openPages } from "../state/role.ts";
import { address } from "../state/route.ts";
import { me } from "../state/session.ts";
import { leave, leaving, stay } from "../state/unsaved.ts";
import { words } from "../words/index.ts";
import { Bar } from "./bar.tsx";
import { Corner } from "./corner.tsx";
import { OpenPalette } from "./find.tsx";
import { Help } from "./help.tsx";
import { loadedPage, railOf } from "./pages.tsx";
import { Rail } from "./rail.tsx";
import { Unloaded } from "./unloaded.tsx";

/** A screen, and an evacuation list on a phone in the rain. */
const withoutRail: readonly PageName[] = ["screen", "roll"];

/** The frame of every page: navigation, the state of the connection, and the page. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  useTitle(titleOf(address.value));
  useFocus(main);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to the content; only the address stays, which is the page's state. */}
      <a class="skip" href="#main" onClick={(event) => skip(event, main.current)}>
        {words.value.skip}
      </a>
      {withoutRail.includes(address.value.page) ? (
        <main id="main" tabIndex={-1} ref={main}>
          <Page />
        </main>
      ) : (
        <div class="shell">
          <Rail />
          <main id="main" tabIndex={-1} ref={main}>
            <RollStrip isNeeded={mayJudge.value && !isPeopleOff.value} />
            <FactorStrip isNeeded={(me.value?.account?.factorUntil ?? null) !== null} />
            <Strip />
            <Page />
          </main>
          <Bar />
        </div>
      )}
      <p class="hide" role="alert">
        {alerted}
      </p>
      <Corner />
      <AskedAcknowledge />
      <Help />
      <OpenPalette />
      <Leaving />
    </>
  );
}

/** Pages for administrators, in a part of the rail that others see, too. */
const ofAdministrators: readonly PageName[] = ["teach"];

/** Pages about people, of which the rail has none while people are switched off. */
const ofPeople: readonly PageName[] = ["people", "person", "inside", "roll", "hours", "schedules", "roster"];

function Page() {
  const { page } = address.value;
  if (isPeopleOff.value && ofPeople.includes(page)) return <SwitchedOff />;
  const isOpen = openPages.value.includes(railOf(page)) && (isAdmin.value || !ofAdministrators.includes(page));
  if (!isOpen) return <NotYours />;
  const Shown = loadedPage(page);
  if (Shown === null) return null;
  if (Shown === "failed") return <Unloaded key={page} page={page} />;
  return <Shown />;
}

/** A page about people while they are switched off, and the way to the switch for who may use it. */
function SwitchedOff() {
  const { peopleOff, pages } = words.value;
  return (
    <>
      <Head title={pages[address.value.page]} />
      <Blank icon="people" title={peopleOff}>
        {isAdmin.value ? (
          <a href={addressOf("settings", "retention")}>
            <u>{pages.settings}</u>
          </a>
        ) : null}
      </Blank>
    </>
  );
}

/** An address that the user's role does not include, and who can change that. */
function NotYours() {
  const { notYours, anAdministrator, code } = words.value;
  const names = (me.value?.administrators ?? []).join(code === "zh-CN" ? "、" : ", ");
  const title = words.value.pages[address.value.page];
  return (
    <>
      <Head title={title} />
      <Blank icon="key" title={notYours(names || anAdministrator)} />
    </>
  );
}

/** The address is the state of the page, so the link to its content must not change it. */
function skip(event: MouseEvent, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

/** The page of an event or a person knows who it is of, and names the window itself. */
function titleOf({ page, id }: Address): string | null {
  if (page === "event" || page === "person" || page === "stranger") return null;
  return page === "box" && id !== null ? id : words.value.pages[page];
}

/** On another page the focus is at its beginning; within one it stays where it is. */
function useFocus(main: { current: HTMLElement | null }): void {
  const { page, id, isUnknown } = address.value;
  const isFirst = useRef(true);
  // Before an element of the page takes the focus, as a list does when the user returns to it.
  useLayoutEffect(() => {
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo({ top: 0 });
    }
    isFirst.current = false;
    if (isUnknown) say(words.value.unknownAddress);
  }, [page, id, isUnknown]);
}

/** Asks whether unsaved changes may be dropped. */
function Leaving() {
  const { leaving: w } = words.value;
  const asked = leaving.value;
  if (asked === null) return null;
  // A dialogue for each question: one that has closed does not open again.
  return (
    <Dialog key={asked} title={w.title} onClose={stay}>
      <p>{w.why}</p>
      <span class="line">
        <Button look="main" onClick={stay}>
          {w.stay}
        </Button>
        <Button look="risk" onClick={leave}>
          {w.leave}
        </Button>
      </span>
    </Dialog>
  );
}

/** ms after which the script of a strip is loaded: the page itself is first. */
const afterMs = 3000;

/** A strip above every page for those who need it. */
function strip(load: () => Promise<ComponentType>) {
  const loaded = signal<{ Shown: ComponentType } | null>(null);
  return function LoadedStrip({ isNeeded }: { isNeeded: boolean }) {
    useEffect(() => {
      if (!isNeeded || loaded.peek() !== null) return undefined;
      const timer = setTimeout(() => {
        load().then(
          (Shown) => {
            loaded.value = { Shown };
          },
          // The next page tries it again.
          () => null,
        );
      }, afterMs);
      return () => clearTimeout(timer);
    }, [isNeeded]);
    if (!isNeeded || loaded.value === null) return null;
    const { Shown } = loaded.value;
    return <Shown />;
  };
}

/** Open evacuation lists. A read key sees none, nor does a user while people are switched off. */
const RollStrip = strip(async () => (await import("../parts/rolls/strip.tsx")).RollStrip);
const FactorStrip = strip(async () => (await import("../parts/pages/factor-strip.tsx")).FactorStrip);

/** A pause that is hardly noticed is not spoken of. */
const shortMs = 1500;

/** Says at the foot of every page that there is no connection, that nothing is lost, and when it is tried again. */
function Strip() {
  const [state, since] = [connection.value, lostSince.value];
  const retryAt = state.is === "waiting" ? state.retryAt : here.value;
  if (since === null || Math.max(here.value, retryAt) - since < shortMs) return null;
  const { connection: w } = words.value;
  return (
    <div class="strip">
      <Icon name="off" />
      <span role="alert">
        <b>{w.lost(clockTime(since))}</b> <Next at={retryAt} />
      </span>
      <Button look="small end" onClick={tryNow}>
        {w.tryNow}
      </Button>
    </div>
  );
}

/** The seconds are counted for the eye alone: a reader of the page is told once. */
function Next({ at }: { at: number }) {
  const { connection: w } = words.value;
  const seconds = Math.ceil((at - here.value) / 1000);
  return <span aria-live="off">{seconds > 0 ? w.kept(seconds) : w.keptTrying}</span>;
}
