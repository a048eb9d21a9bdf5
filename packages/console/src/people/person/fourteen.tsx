import type { ComponentChildren } from "preact";
import { minuteMs } from "../../format/durations.ts";
import { weekday } from "../../format/time.ts";
import { State } from "../../parts/mark.tsx";
import { now } from "../../state/clock.ts";
import { hoursAndMinutes, noonOf, zonedTime } from "../../state/hours/zoned.ts";
import { words } from "../../words/index.ts";
import { peopleWords } from "../../words/people.ts";
import {
  type Axis,
  axisFor,
  type Course,
  courseOf,
  hourText,
  type PersonDay,
  type Usual,
  usualSpan,
  weekdayOf,
} from "./course.ts";

/** px of the drawn part of a day. */
const [width, height] = [640, 28];

interface FourteenDaysProps {
  days: readonly PersonDay[];
  usual: Usual | null;
  zone: string;
}

/** The last days, the newest first: a bar from first in to last out over the usual hours, and the numbers beside it. */
export function FourteenDays({ days, usual, zone }: FourteenDaysProps) {
  const w = peopleWords.value;
  const newestFirst = days.toReversed();
  const courses = newestFirst.map((day) => courseOf(day, zone));
  const axis = axisFor(courses);
  const span = usual === null ? null : usualSpan(usual);
  return (
    <section class="panel" aria-labelledby="fourteen">
      <header>
        <h2 id="fourteen">{w.fourteen}</h2>
        {span === null ? null : <span class="meta end">{w.shaded}</span>}
      </header>
      {days.some(({ flags }) => flags.includes("part")) ? <p class="meta">{w.partOfSite}</p> : null}
      <table class="dayrows" aria-labelledby="fourteen">
        <thead>
          <tr>
            <th scope="col">{words.value.nudge.day}</th>
            <th class="wide-cell" scope="col">
              <span class="hide">{w.course}</span>
              <Hours axis={axis} />
            </th>
            <th scope="col">{w.firstIn}</th>
            <th scope="col">{w.lastOut}</th>
            <th class="num" scope="col">
              {w.hours}
            </th>
            <th class="opt2" scope="col">
              <span class="hide">{w.state}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {newestFirst.map((day, at) => (
            <Row
              key={day.day}
              day={day}
              course={courses[at]}
              axis={axis}
              span={usual?.weekdays.includes(weekdayOf(day.day)) === true ? span : null}
              zone={zone}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Hours({ axis }: { axis: Axis }) {
  return (
    <span class="axis4" aria-hidden="true">
      {axis.lines.map((line) => (
        <span key={line}>{hourText(line)}</span>
      ))}
    </span>
  );
}

interface RowProps {
  day: PersonDay;
  course: Course | undefined;
  axis: Axis;
  span: readonly [from: number, to: number] | null;
  zone: string;
}

function Row({ day, course, axis, span, zone }: RowProps) {
  const w = peopleWords.value;
  const { in: first, out, state, passings } = day;
  const hasPassed = first !== null || passings.length > 0;
  return (
    <tr class={hasPassed ? "" : "off"}>
      <th scope="row">{weekday(noonOf(day.day))}</th>
      <td class="wide-cell">
        {course === undefined ? null : <Bar course={course} axis={axis} span={span} isInside={state === "inside"} />}
      </td>
      <td>{first === null ? "–" : zonedTime(first, zone)}</td>
      <td>{out === null ? (state === "inside" ? w.inside : "–") : zonedTime(out, zone)}</td>
      <td class="num">{hoursOf(day)}</td>
      <td class="opt2">
        <Told day={day} hasPassed={hasPassed} />
      </td>
    </tr>
  );
}

/** The hours of a day; from first in until now if the person is inside. */
function hoursOf({ in: first, state, minutes }: PersonDay): string {
  if (minutes !== null) return hoursAndMinutes(minutes);
  if (first === null || state !== "inside") return "";
  return hoursAndMinutes(Math.max(0, Math.floor((now.value - Date.parse(first)) / minuteMs)));
}

function Told({ day, hasPassed }: { day: PersonDay; hasPassed: boolean }): ComponentChildren {
  const w = peopleWords.value;
  const { state, late } = day;
  if (state === "absent") return <State tone="bad">{w.states.absent}</State>;
  if (state === "leave") return w.states.leave;
  if (state === "open") return <State tone="">{w.states.open}</State>;
  if (day.flags.includes("ended-by-rule")) return <State tone="">{w.states.ended}</State>;
  if (late > 0) return <State tone="">{w.late(late)}</State>;
  return hasPassed ? null : w.noPassing;
}

interface BarProps {
  course: Course;
  axis: Axis;
  span: readonly [from: number, to: number] | null;
  isInside: boolean;
}

function Bar({ course, axis, span, isInside }: BarProps) {
  const { in: first, out, passings } = course;
  const at = (minutes: number) => Math.min(width, Math.max(0, (width * (minutes - axis.from)) / (axis.to - axis.from)));
  const end = out ?? passings.at(-1) ?? first;
  const shown = (value: number) => value.toFixed(1);
  return (
    <svg class="span" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {span === null ? null : (
        <rect class="usual" x={shown(at(span[0]))} y="0" width={shown(at(span[1]) - at(span[0]))} height={height} />
      )}
      {axis.lines.slice(1, -1).map((line) => (
        <path key={line} class="grid" d={`M${shown(at(line))} 0v${height}`} />
      ))}
      {first === null || end === null ? null : (
        <rect
          class="in"
          x={shown(at(first))}
          y="9"
          width={shown(Math.max(0, at(end) - at(first)))}
          height="10"
          rx="2"
        />
      )}
      {first !== null && out === null && (isInside || passings.length > 0) ? (
        <path class="open" d={`M${shown(at(end ?? first))} 14H${width}`} />
      ) : null}
      {passings.map((one) => (
        <path key={one} class="mid" d={`M${shown(at(one))} 6v16`} />
      ))}
    </svg>
  );
}
