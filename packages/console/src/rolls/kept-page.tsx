import { useEffect, useMemo } from "preact/hooks";
import { useTitle } from "../parts/title.ts";
import { Book } from "../state/rolls/book.ts";
import { correctClock, keepBook, readKeptOfUser } from "../state/rolls/kept.ts";
import { sourceOfKept } from "../state/rolls/source.ts";
import { words } from "../words/index.ts";
import { Opened } from "./page.tsx";

/** An evacuation list of this browser, while the server does not answer about its user. */
export function KeptRollPage({ id }: { id: string }) {
  const book = useMemo(() => keptBook(id), [id]);
  useTitle(words.value.pages.roll);
  useEffect(() => (book === null ? undefined : keepBook(book.book, book.owner)), [book]);
  return (
    <main id="main" tabIndex={-1}>
      <div class="roll">{book === null ? null : <Opened book={book.book} />}</div>
    </main>
  );
}

function keptBook(id: string): { book: Book; owner: string } | null {
  const kept = readKeptOfUser(id);
  if (kept === null) return null;
  correctClock(kept);
  const { roll, own, at, owner } = kept;
  return { book: new Book(roll, sourceOfKept(kept), { own, readAt: at }), owner };
}
