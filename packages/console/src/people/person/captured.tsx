import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { near } from "../../format/time.ts";
import { Picture } from "../../parts/picture.tsx";
import { BoxText } from "../../parts/text.tsx";
import { addressOf } from "../../state/address.ts";
import { now } from "../../state/clock.ts";
import { onErased } from "../../state/erased.ts";
import { useLoading } from "../../state/loading.ts";
import { gateNameOf } from "../../state/people/gates.ts";
import type { Pictured } from "../../state/pictures.ts";
import { gatepost } from "../../state/session.ts";
import { turn } from "../../state/turning.ts";
import { peopleWords } from "../../words/people.ts";

type Captures = Api["GET /v1/people/{library}/{id}/captures"]["answer"];
type Capture = Captures["captures"][number];

const pageSize = 24;
/** px before the end of the strip at which more faces are asked for. */
const early = 400;

interface CapturedProps {
  library: string;
  id: string;
  /** Kept passings, and the address of their list. */
  events: number;
  list: string;
}

/** The captured faces of a person in a strip that loads on as it is scrolled. */
export function Captured({ library, id, events, list }: CapturedProps) {
  const w = peopleWords.value;
  const strip = useRef<HTMLOListElement>(null);
  const { faces, more } = useCaptures({ library, id });
  useEffect(() => {
    turn.value = (by) => step(strip.current, by);
    return () => {
      turn.value = null;
    };
  }, []);
  const onScroll = ({ currentTarget: { scrollLeft, clientWidth, scrollWidth } }: { currentTarget: HTMLElement }) => {
    if (scrollLeft + clientWidth > scrollWidth - early) more();
  };
  return (
    <section class="panel" aria-labelledby="captured">
      <header>
        <h2 id="captured">{w.captured}</h2>
        <a class="end quiet" href={list}>
          {w.all(events)}
        </a>
      </header>
      <div class="body">
        {faces?.length === 0 ? <p class="quiet">{w.noCaptures}</p> : null}
        <ol class="strip-faces sideways" ref={strip} aria-labelledby="captured" onScroll={onScroll}>
          {(faces ?? []).map((face) => (
            <Face key={face.event} of={face} person={{ library, id }} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function Face({ of: { event, at, device, score }, person }: { of: Capture; person: { library: string; id: string } }) {
  return (
    <li>
      <a href={addressOf("event", event)}>
        <span class="frame">
          <Picture of={picturedOf(event, person)} kind="face" width={84} height={105} />
        </span>
        <b>
          <time dateTime={at}>{near(at, now.value)}</time>
        </b>
        <span class="meta">
          <BoxText text={gateNameOf(device)} />
          {score === null ? null : ` · ${score.toFixed(0)}`}
        </span>
      </a>
    </li>
  );
}

/** The event of a captured face, as pictures are loaded. */
function picturedOf(id: string, person: { library: string; id: string }): Pictured {
  return { id, box: { id: person.library }, person: { id: person.id }, pictures: { face: { sha256: "", bytes: 0 } } };
}

/** The next older face of the strip has the focus, or the next newer one. */
function step(strip: HTMLElement | null, by: 1 | -1): void {
  const links = [...(strip?.querySelectorAll("a") ?? [])];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at - by));
  links[next]?.focus();
}

function useCaptures({ library, id }: { library: string; id: string }) {
  const further = useSignal<Captures | null>(null);
  const isBusy = useRef(false);
  const ask = (asked: { cursor?: string }, signal?: AbortSignal) =>
    gatepost().ask("GET /v1/people/{library}/{id}/captures", {
      path: { library, id },
      query: { limit: pageSize, ...asked },
      ...(signal === undefined ? {} : { signal }),
    });
  const { state } = useLoading(`captures ${library} ${id}`, (signal) => ask({}, signal));
  const first = state.value.value;
  const erased = useSignal<ReadonlySet<string>>(new Set());
  const faces = first === null ? null : [...first.captures, ...(further.value?.captures ?? [])];
  const shown = useRef<readonly Capture[]>([]);
  shown.current = faces ?? [];
  useEffect(() => {
    further.value = null;
    const person = { library, id };
    return onErased(
      (isErased) => {
        const gone = shown.current.filter(({ event }) => isErased(picturedOf(event, person)));
        if (gone.length > 0) erased.value = new Set([...erased.value, ...gone.map(({ event }) => event)]);
      },
      () => shown.current.map(({ event }) => picturedOf(event, person)),
    );
  }, [library, id]);
  const more = () => {
    const cursor = further.value === null ? (first?.next ?? null) : further.value.next;
    if (cursor === null || isBusy.current) return;
    isBusy.current = true;
    // A page that did not arrive is asked for again by the next scrolling.
    ask({ cursor })
      .then(
        ({ captures, next }) => {
          further.value = { captures: [...(further.value?.captures ?? []), ...captures], next };
        },
        () => null,
      )
      .finally(() => {
        isBusy.current = false;
      });
  };
  return { faces: faces?.filter(({ event }) => !erased.value.has(event)) ?? null, more };
}
