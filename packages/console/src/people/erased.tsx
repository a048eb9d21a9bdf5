import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { near } from "../format/time.ts";
import { Button } from "../parts/button.tsx";
import { Blank, Loaded } from "../parts/loaded.tsx";
import { Table } from "../parts/table.tsx";
import { Moment } from "../parts/text.tsx";
import { now } from "../state/clock.ts";
import { readPages, useLoading } from "../state/loading.ts";
import { boxNameById } from "../state/people/gates.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { peopleWords } from "../words/people.ts";

type Erased = Api["GET /v1/people/erased"]["answer"]["erased"][number];

const each = 50;

/** When people were erased, by whom and where: nothing of themselves is kept. */
export function ErasedPeople() {
  const w = peopleWords.value;
  const pages = useSignal(1);
  const loading = useLoading("erased people", (signal) => readErased(each * pages.value, signal));
  const more = () => {
    pages.value++;
    loading.reload();
  };
  return (
    <Loaded of={loading} as="rows">
      {({ items, isWhole }) =>
        items.length === 0 ? (
          <Blank icon="people" title={w.erasures.none} why={w.erasures.why} />
        ) : (
          <>
            <p class="meta counted">{w.erasures.why}</p>
            <Table label={w.erasures.tab} heads={[w.when, w.erasures.by, w.erasures.where, words.value.pages.events]}>
              {items.map((one) => (
                <Row key={one.id} of={one} />
              ))}
            </Table>
            {isWhole ? null : (
              <p class="more">
                <Button onClick={more}>{w.erasures.more}</Button>
              </p>
            )}
          </>
        )
      }
    </Loaded>
  );
}

function Row({ of: { at, by, boxes, events } }: { of: Erased }) {
  const w = peopleWords.value;
  return (
    <tr>
      <td>
        <Moment at={at} text={near(at, now.value)} />
      </td>
      <td>
        <bdi>{by.name ?? by.account ?? w.erasures.byKey}</bdi>
      </td>
      <td>{boxes === null ? w.erasures.everywhere : <bdi>{boxes.map(boxNameById).join(", ")}</bdi>}</td>
      <td>{events === null ? w.erasures.byJob : w.erasures.eventsOf(events)}</td>
    </tr>
  );
}

function readErased(count: number, signal: AbortSignal) {
  return readPages<Erased>(
    (items) => items.length >= count,
    async (from) => {
      const { erased, next } = await gatepost().ask("GET /v1/people/erased", {
        query: { limit: each, ...from },
        signal,
      });
      return { items: erased, next };
    },
  );
}
