import type { Operations } from "@gatepost/client";
import { Skeleton } from "../events/skeleton.tsx";
import { reasonWords } from "../format/delivery.ts";
import { near } from "../format/time.ts";
import { Blank } from "../parts/blank.tsx";
import { Button } from "../parts/button.tsx";
import { Failed } from "../parts/failed.tsx";
import { addressOf } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { failureOf } from "../state/failure.ts";
import { useLoading } from "../state/loading.ts";
import { say } from "../state/notice.ts";
import { gatepost, isAdmin } from "../state/session.ts";
import { words } from "../words/index.ts";

type DeadLetter = Operations["GET /v1/deadletters"]["answer"]["deadletters"][number];

/** What a subscriber refused, or did not take within a day. */
export function DeadLetters() {
  const { problems: w } = words.value;
  const { state, reload } = useLoading("dead letters", (signal) =>
    gatepost().ask("GET /v1/deadletters", { query: { limit: 200 }, signal }),
  );
  const { value, failure, retryAt } = state.value;
  if (value === null && failure !== null) return <Failed failure={failure} retryAt={retryAt} onRetry={reload} />;
  if (value === null) return <Skeleton />;
  if (value.deadletters.length === 0) return <Blank icon="check" title={w.deadTitle} why={w.deadWhy} />;
  return (
    <table class="rows plain" aria-label={w.deadletters}>
      <thead>
        <tr>
          {[w.rule, w.what, w.why, w.givenUp].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
          <th scope="col">
            <span class="hide">{w.do}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {value.deadletters.map((letter) => (
          <Row key={letter.id} letter={letter} onSent={reload} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ letter, onSent }: { letter: DeadLetter; onSent(): void }) {
  const { problems: w, event } = words.value;
  const send = async () => {
    try {
      await gatepost().ask("POST /v1/deadletters/{id}/send", { path: { id: letter.id } });
      say(w.sent);
      onSent();
    } catch (error) {
      say(failureOf(error)?.detail ?? "");
    }
  };
  return (
    <tr>
      <td class="who">
        <b>
          <bdi>{letter.rule}</bdi>
        </b>
      </td>
      <td class="opt">
        {letter.event === null ? (
          <bdi>{letter.detailType}</bdi>
        ) : (
          <a class="link-line" href={addressOf("event", letter.event)}>
            <bdi>{letter.detailType}</bdi>
          </a>
        )}
      </td>
      <td class="opt quiet">
        <bdi>
          {reasonWords(letter.reason, letter.rule)} {event.tries(letter.tries)}
        </bdi>
      </td>
      <td class="opt">{near(letter.at, now.value)}</td>
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
