import { useEffect } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { useTitle } from "../parts/title.ts";
import { noteServerTime } from "../state/clock.ts";
import { useLoading } from "../state/loading.ts";
import { leaveRollLink } from "../state/roll-link.ts";
import { anybody } from "../state/session.ts";
import { Book } from "./book.ts";
import { Opened } from "./page.tsx";
import { sourceOfLink } from "./source.ts";
import { rollWords } from "./words.ts";

/** One evacuation list on the phone of a person without an account, by a link. */
export function Warden({ token }: { token: string }) {
  const w = rollWords.value;
  const loading = useLoading(`roll link ${token}`, async (signal) => {
    const asked = Date.now();
    const { link, now, ...roll } = await anybody.ask("GET /v1/roll-links/{token}", { path: { token }, signal });
    noteServerTime(Date.parse(now), (asked + Date.now()) / 2);
    return new Book(roll, sourceOfLink(token, link));
  });
  const { value, failure } = loading.state.value;
  useTitle(w.list);
  // A list that has ended is not opened again by a reload.
  const isOver = value === null && (failure?.status === 404 || failure?.status === 403);
  useEffect(() => {
    if (isOver) leaveRollLink();
  }, [isOver]);
  return (
    <main id="main" tabIndex={-1}>
      <div class="roll">
        {value === null ? (
          <header>
            <h1>{w.list}</h1>
          </header>
        ) : null}
        {isOver ? (
          <Blank icon="key" title={w.linkEnded}>
            <Button onClick={() => location.replace("/")}>Gatepost</Button>
          </Blank>
        ) : (
          <Loaded of={loading}>{(book) => <Opened book={book} />}</Loaded>
        )}
      </div>
    </main>
  );
}
