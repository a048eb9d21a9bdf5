import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { addressOf, pathOfPerson } from "../state/address.ts";
import { asPeoplePage, type Listed } from "../state/people/listed.ts";
import { hasPeople } from "../state/role.ts";
import { goTo } from "../state/route.ts";
import { gatepost } from "../state/session.ts";
import type { Row } from "./row.ts";
import { goToEvents } from "./rows.ts";

/** People who are shown. */
const maxPeople = 4;
const pauseMs = 120;

/** The people whom a typed text finds, by name, id or the reading of a name; none for users without people. */
export function usePeopleRows(typed: ReadonlySignal<string>): ReadonlySignal<readonly Row[]> {
  const rows = useSignal<readonly Row[]>([]);
  const q = typed.value.trim();
  useEffect(() => {
    // A person who was found by another text would be opened by mistake.
    rows.value = [];
    if (q === "" || !hasPeople.peek()) return undefined;
    const aborter = new AbortController();
    const { signal } = aborter;
    const timer = setTimeout(() => {
      gatepost()
        .ask("GET /v1/people", { query: { q, limit: maxPeople }, signal })
        .then((answer) => {
          if (!signal.aborted) rows.value = asPeoplePage(answer).people.map(rowOf);
        })
        // The other rows are of use without people.
        .catch(() => null);
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [q]);
  return rows;
}

function rowOf({ library, id, name }: Listed): Row {
  const path = pathOfPerson({ library, id });
  const where = library.startsWith("~") ? { site: [library.slice(1)] } : { box: [library] };
  return {
    id: `person ${path}`,
    group: "people",
    icon: "people",
    text: name ?? id,
    also: [],
    meta: name === null ? library : id,
    open: () => goTo(addressOf("person", path)),
    passings: goToEvents({ person: [id], ...where }),
  };
}
