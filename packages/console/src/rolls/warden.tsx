import { useEffect } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { useTitle } from "../parts/title.ts";
import { noteServerTime } from "../state/clock.ts";
import { failureOf, isPassing } from "../state/failure.ts";
import { home } from "../state/home.ts";
import { useLoading } from "../state/loading.ts";
import { leaveRollLink } from "../state/roll-link.ts";
import { Book } from "../state/rolls/book.ts";
import { correctClock, keepBook, ownerOfLink, readKeptOfLink } from "../state/rolls/kept.ts";
import { sourceOfLink } from "../state/rolls/source.ts";
import type { OwnTick } from "../state/rolls/ticks.ts";
import { anybody } from "../state/session.ts";
import { canHaveWorker } from "../state/worker.ts";
import { words } from "../words/index.ts";
import { rollWords } from "../words/roll.ts";
import { Opened } from "./page.tsx";

/** One evacuation list on the phone of a person without an account, by a link. */
export function Warden({ token }: { token: string }) {
  const w = rollWords.value;
  const loading = useLoading(`roll link ${token}`, (signal) => openLinked(token, signal));
  const { value, failure } = loading.state.value;
  useTitle(words.value.pages.roll);
  // A list that has ended is not opened again by a reload.
  const isOver = value === null && (failure?.status === 404 || failure?.status === 403);
  useEffect(() => {
    if (isOver) leaveRollLink();
  }, [isOver]);
  useEffect(() => value?.keep(), [value]);
  return (
    <main id="main" tabIndex={-1}>
      <div class="roll">
        {value === null ? (
          <header>
            <h1>{words.value.pages.roll}</h1>
          </header>
        ) : null}
        {isOver ? (
          <Blank icon="key" title={w.linkEnded}>
            <Button onClick={() => location.replace(home())}>Gatepost</Button>
          </Blank>
        ) : (
          <Loaded of={loading} as="rows">
            {({ book }) => <Opened book={book} />}
          </Loaded>
        )}
      </div>
    </main>
  );
}

interface Linked {
  book: Book;
  /** Keeps the list in this browser, until the returned function is called. */
  keep(): () => void;
}

/** ms after which a kept list is shown although the server may still answer. */
const patienceMs = 5000;

/** The list of a link: as the server has it, or without a connection as this browser has kept it. */
async function openLinked(token: string, signal: AbortSignal): Promise<Linked> {
  if (!canHaveWorker()) return { book: await askLinked(token, [], signal), keep: () => () => {} };
  const [owner, kept] = [await ownerOfLink(token), await readKeptOfLink(token)];
  const linked = (book: Book): Linked => ({ book, keep: () => keepBook(book, owner) });
  const wait = kept === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  try {
    return linked(await askLinked(token, kept?.own ?? [], wait));
  } catch (error) {
    const failure = failureOf(error);
    if (kept === null || failure === null || !isPassing(failure)) throw error;
    correctClock(kept);
    const source = sourceOfLink(token, { name: kept.name ?? "", site: kept.site });
    return linked(new Book(kept.roll, source, { own: kept.own, readAt: kept.at }));
  }
}

async function askLinked(token: string, own: readonly OwnTick[], signal: AbortSignal): Promise<Book> {
  const asked = Date.now();
  const { link, now, ...roll } = await anybody.ask("GET /v1/roll-links/{token}", { path: { token }, signal });
  noteServerTime(Date.parse(now), (asked + Date.now()) / 2);
  return new Book(roll, sourceOfLink(token, link), { own });
}
