import type { Operations } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { entryWords, inShort, reasonWords } from "../format/event.ts";
import { near } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { attempt } from "../state/failure.ts";
import { readPages, useLoading, useOnce } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { isAdmin } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { paceOf } from "./records.ts";

type DeadLetter = Operations["GET /v1/deadletters"]["answer"]["deadletters"][number];

const each = 200;

/** What a subscriber refused, or did not take within a day, the newest first. */
export function DeadLetters() {
  const { problems: w, showMore } = words.value;
  const pages = useSignal(1);
  const loading = useLoading("dead letters", (signal) => list(pages.value, signal), {
    every: ({ letters }) => paceOf(letters.length, each),
  });
  const more = () => {
    pages.value++;
    loading.reload();
  };
  return (
    <Loaded of={loading} as="rows">
      {({ letters, isMore }) =>
        letters.length === 0 ? (
          <Blank icon="check" title={w.deadTitle} why={w.deadWhy} />
        ) : (
          <>
            {isAdmin.value && letters.length > 1 ? <SendAll onSent={loading.reload} /> : null}
            <Letters letters={letters} onSent={loading.reload} />
            {isMore ? (
              <p class="more">
                <Button onClick={more}>{showMore}</Button>
              </p>
            ) : null}
          </>
        )
      }
    </Loaded>
  );
}

async function list(pages: number, signal: AbortSignal): Promise<{ letters: DeadLetter[]; isMore: boolean }> {
  const { items, isWhole } = await readPages<DeadLetter>(
    (_, read) => read >= pages,
    async (from) => {
      const query = { limit: each, ...from };
      const { deadletters, next } = await gatepost().ask("GET /v1/deadletters", { query, signal });
      return { items: deadletters, next };
    },
  );
  return { letters: items, isMore: !isWhole };
}

/** All that there are, also those that are not listed here. */
function SendAll({ onSent }: { onSent(): void }) {
  const { problems: w } = words.value;
  const send = useOnce(() =>
    attempt(async () => {
      const { sent } = await gatepost().ask("POST /v1/deadletters/send");
      say(w.sentAll(sent));
      onSent();
    }),
  );
  return (
    <p class="line above">
      <Button icon="send" look="end" onClick={() => void send()}>
        {w.sendAll}
      </Button>
    </p>
  );
}

function Letters({ letters, onSent }: { letters: readonly DeadLetter[]; onSent(): void }) {
  const { problems: w } = words.value;
  return (
    <Table label={w.deadletters} heads={[w.rule, w.what, words.value.why.title, w.givenUp]} hidden={w.do}>
      {letters.map((letter) => (
        <Row key={letter.id} letter={letter} onSent={onSent} />
      ))}
    </Table>
  );
}

function Row({ letter, onSent }: { letter: DeadLetter; onSent(): void }) {
  const { problems: w, event } = words.value;
  const send = useOnce(() =>
    attempt(async () => {
      await gatepost().ask("POST /v1/deadletters/{id}/send", { path: { id: letter.id } });
      say(w.sent);
      onSent();
    }),
  );
  const why = inShort(reasonWords(letter.reason, letter.rule), event.tries(letter.tries));
  const givenUp = near(letter.at, now.value);
  return (
    <tr>
      <td class="who">
        <b>
          <bdi>{letter.rule ?? "***"}</bdi>
        </b>
        <div class="phone meta">
          <bdi>{entryWords(letter.detailType)}</bdi>
        </div>
        <div class="phone meta">
          <bdi>{why}</bdi>
        </div>
        <div class="phone meta">{givenUp}</div>
      </td>
      <td class="opt">
        {letter.event === null ? (
          <bdi>{entryWords(letter.detailType)}</bdi>
        ) : (
          <a class="link-line" href={addressOf("event", letter.event)}>
            <bdi>{entryWords(letter.detailType)}</bdi>
          </a>
        )}
      </td>
      <td class="opt quiet">
        <bdi>{why}</bdi>
      </td>
      <td class="opt">{givenUp}</td>
      <td class="num">
        {isAdmin.value ? (
          <Button icon="send" look="small" onClick={() => void send()}>
            {w.send}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}
