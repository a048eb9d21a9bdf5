import type { ComponentChildren } from "preact";
import { dayMs } from "../format/durations.ts";
import { clockTime, isoDay, near } from "../format/time.ts";
import { Portrait } from "../parts/faces.tsx";
import { Kind, Score, State, Which } from "../parts/mark.tsx";
import { Picture } from "../parts/picture.tsx";
import { BoxText, Moment } from "../parts/text.tsx";
import { isPhone, rootScale, VirtualRows } from "../parts/virtual-rows.tsx";
import { addressOf, pathOfPerson } from "../state/address.ts";
import { now } from "../state/clock.ts";
import { gateNameOf } from "../state/people/gates.ts";
import { type Listed, lastPassing, remarkOf } from "../state/people/listed.ts";
import { sharedNames, whichOf } from "../state/people/namesakes.ts";
import type { Pictured } from "../state/pictures.ts";
import { query, setQuery } from "../state/route.ts";
import { words } from "../words/index.ts";
import { peopleWords } from "../words/people.ts";
import { type Order, orderOf } from "./filter.ts";
import { openedPerson, peopleCount, peopleSearch } from "./found.ts";

/** px of a row, for the usual layout. */
const rowHeight = () => (isPhone() ? 77 : 72) * rootScale();

/** The found people, the row of each as one link. */
export function PeopleList() {
  const w = peopleWords.value;
  const { heads } = w;
  const { items: people, isLoading } = peopleSearch.found.value;
  const shared = sharedNames(people);
  return (
    <VirtualRows<Listed>
      label={words.value.pages.people}
      look="people"
      heads={[
        heads.faces,
        sortHead(words.value.columns.person, "name", "ascending"),
        heads.id,
        words.value.event.group,
        sortHead(w.lastSeen, "seen", "descending"),
        heads.days,
        sortHead(words.value.match, "match", "ascending"),
      ]}
      hidden={heads.remark}
      items={people}
      first={people.findIndex((one) => pathOfPerson(one) === openedPerson.peek())}
      total={peopleCount.value ?? -1}
      isBusy={isLoading}
      onNearEnd={peopleSearch.more}
      heightOf={rowHeight}
      row={(person, index) => (
        <Row key={pathOfPerson(person)} person={person} index={index} which={whichOf(person, shared)} />
      )}
    />
  );
}

/** The list has one direction for each order. */
function sortHead(name: string, order: Order, direction: "ascending" | "descending") {
  const isSorted = orderOf(query.value) === order;
  return {
    name,
    sorted: isSorted ? direction : null,
    onSort: () => setQuery({ order: order === "seen" ? null : order }),
  };
}

function Row({ person, index, which }: { person: Listed; index: number; which: string | null }) {
  const w = peopleWords.value;
  const { library, id, name, type, group, last, days, score } = person;
  const path = pathOfPerson({ library, id });
  const passing = lastPassing(person);
  return (
    <tr class={type} aria-rowindex={index + 2} data-person={path}>
      <td class="f">
        <span class="faces">
          <Registered of={passing} />
          <Portrait of={passing} width={48} height={60} />
        </span>
      </td>
      <td class="who">
        <a
          class="all"
          href={addressOf("person", path)}
          onClick={() => {
            openedPerson.value = path;
          }}
        >
          <b>
            <BoxText text={name ?? id} />
          </b>
          <Kind of={type} />
          <Which of={which} />
        </a>
      </td>
      <td class="opt mono">
        <BoxText text={id} />
      </td>
      <td class="opt">{group === null ? <span class="quiet">{w.none}</span> : <BoxText text={group} />}</td>
      <td class="opt two-lines">
        <b>
          <BoxText text={gateNameOf(last.device)} />
        </b>
        <Moment class="meta" at={last.at} text={whenOf(last.at, now.value)} />
      </td>
      <td class="opt days">
        <Days of={days} />
      </td>
      <td class="opt">
        <Score of={{ score, scoreScale: 100 }} />
      </td>
      <td class="opt meta">
        <Remarked of={person} />
      </td>
    </tr>
  );
}

function Registered({ of }: { of: Pictured }) {
  if (of.pictures.registered === undefined) {
    return (
      <span class="none" title={words.value.pictures.none.registered} aria-hidden="true">
        –
      </span>
    );
  }
  return <Picture of={of} kind="registered" width={48} height={60} />;
}

function Remarked({ of }: { of: Listed }): ComponentChildren {
  const { remarks } = peopleWords.value;
  const remark = remarkOf(of, now.value);
  if (remark === null) return null;
  if (remark.is === "asked") return <State tone="wait">{remarks.asked}</State>;
  if (remark.is === "match") return <State tone="wait">{remarks.match(remark.below)}</State>;
  return <>{remarks.away(remark.days)}</>;
}

/** `today 08:41:27`, else as short as it is near. */
function whenOf(at: string, time: number): string {
  return isoDay(at) === isoDay(time) ? `${words.value.time.today} ${clockTime(at)}` : near(at, time);
}

/** px: the width of a day, and of the bar in it. */
const [step, width] = [10.7, 8];

/** The last days of a person as bars, the newest last: high with a passing, low without, hollow without at a weekend. */
function Days({ of }: { of: string }) {
  const days = [...of];
  const passed = days.filter((day) => day === "1").length;
  return (
    <svg class="days14" viewBox="0 0 150 20" role="img" aria-label={peopleWords.value.daysPassed(passed)}>
      {days.map((day, at) => {
        const x = (0.5 + at * step).toFixed(1);
        const look = day === "1" ? "y" : isWeekend(days.length - 1 - at) ? "w" : "n";
        const [y, height] = day === "1" ? [2, 16] : [14, 4];
        return <rect key={at} class={look} x={x} y={y} width={width} height={height} rx="1" />;
      })}
    </svg>
  );
}

function isWeekend(daysAgo: number): boolean {
  const weekday = new Date(now.peek() - daysAgo * dayMs).getDay();
  return weekday === 0 || weekday === 6;
}
