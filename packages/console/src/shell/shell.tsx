import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { nameOf } from "../format/event.ts";
import { alerted } from "../live/alerts.ts";
import { recall } from "../state/known-events.ts";
import { say } from "../state/notice.ts";
import { address } from "../state/route.ts";
import { words } from "../words/index.ts";
import { Bar } from "./bar.tsx";
import { Help } from "./help.tsx";
import { pageOf } from "./pages.tsx";
import { Rail } from "./rail.tsx";
import { Strip } from "./strip.tsx";
import { Unloaded } from "./unloaded.tsx";

/** The frame of every page: navigation, what to say on top, and the page. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  useTitle();
  useFocus(main);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to the content; only the address stays, which is the page's state. */}
      <a class="skip" href="#main" onClick={(event) => skip(event, main.current)}>
        {words.value.skip}
      </a>
      <div class="shell">
        <Rail />
        <main id="main" tabIndex={-1} ref={main}>
          <Strip />
          <Page />
        </main>
        <Bar />
      </div>
      <p class="hide" role="alert">
        {alerted}
      </p>
      <Help />
    </>
  );
}

function Page() {
  const { page } = address.value;
  const Shown = pageOf(page);
  if (Shown === null) return null;
  if (Shown === "failed") return <Unloaded key={page} page={page} />;
  return <Shown />;
}

/** The address is the state of the page, so the link to its content must not change it. */
function skip(event: MouseEvent, main: HTMLElement | null): void {
  event.preventDefault();
  main?.focus();
}

function useTitle(): void {
  const { page, id } = address.value;
  const { pages } = words.value;
  const event = page === "event" && id !== null ? recall(id) : null;
  const name = event !== null ? nameOf(event) : page === "box" && id !== null ? id : pages[page];
  useEffect(() => {
    document.title = `${name} · Gatepost`;
  }, [name]);
}

/** On another page the focus is at its beginning; within one it stays where it is. */
function useFocus(main: { current: HTMLElement | null }): void {
  const { page, id, isUnknown } = address.value;
  const isFirst = useRef(true);
  // Before anything of the page takes the focus for itself, as a list does when somebody comes back to it.
  useLayoutEffect(() => {
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo({ top: 0 });
    }
    isFirst.current = false;
    if (isUnknown) say(words.value.unknownAddress);
  }, [page, id, isUnknown]);
}
