import type { Event } from "@gatepost/client";
import type { ComponentChildren } from "preact";
import { boxNameOf, deviceNameOf, inShort, kindWord, matchOf, visible } from "../format/event.ts";
import { clockTime, day } from "../format/time.ts";
import { Said } from "../parts/text.tsx";
import { words } from "../words/index.ts";
import { teachWords } from "../words/teach.ts";
import { KeptPicture } from "./kept-picture.tsx";
import type { MappingTrial } from "./trial.ts";

/** The event that the shown report becomes, and what can be set beside it. */
export function MadeEvent({ trial, children }: { trial: MappingTrial; children: ComponentChildren }) {
  const w = teachWords.value;
  const outcomes = trial.results[0]?.outcomes ?? [];
  const found = outcomes.find((one) => one.is === "event");
  const isSign = outcomes.some(({ is }) => is === "sign");
  return (
    <section class="panel" id="made" aria-labelledby="made-title" tabIndex={-1}>
      <header>
        <h2 id="made-title">{w.made}</h2>
      </header>
      {trial.failure !== null ? (
        <p class="body" role="alert">
          <Said of={trial.failure} />
        </p>
      ) : found !== undefined ? (
        <EventFacts event={found.event as Event} />
      ) : (
        <p class="body quiet">{outcomes.length === 0 ? w.loading : isSign ? w.isSign : w.isNone}</p>
      )}
      {children}
    </section>
  );
}

/** The picture that is shown: the face, else another one. */
function pictureOf({ pictures: { face, scene, registered, infrared } }: Event): string | null {
  return (face ?? scene ?? registered ?? infrared)?.href ?? null;
}

function EventFacts({ event }: { event: Event }) {
  const w = teachWords.value;
  const { event: e, directions } = words.value;
  const { person, device, box } = event;
  const [name, picture] = [visible(person.name), pictureOf(event)];
  const match = matchOf(event);
  const { attributes } = event;
  const temperature = attributes.temperature === null ? null : `${attributes.temperature} °C`;
  const direction = device.direction === null ? null : directions[device.direction];
  const gate = inShort(boxNameOf(box), deviceNameOf(device) ?? device.id ?? device.ip, direction);
  const unreadable = event.flags.flatMap((flag) => /^field-unreadable:(.+)$/.exec(flag)?.[1] ?? []);
  return (
    <div class="made">
      {picture === null ? null : <KeptPicture key={picture} href={picture} class="pic" />}
      <dl class="facts">
        <Fact name={words.value.columns.person}>
          {name === null ? null : (
            <>
              <b>{name}</b> ·{" "}
            </>
          )}
          {inShort(visible(person.id), kindWord(person.type))}
        </Fact>
        <Fact name={words.value.columns.time}>{`${day(event.time)} ${clockTime(event.time)}`}</Fact>
        <Fact name={w.gate}>{gate}</Fact>
        <Fact name={words.value.filters.result}>
          {event.result === null ? null : event.result === "granted" ? e.granted : e.denied(event.reason)}
        </Fact>
        <Fact name={e.method}>{event.method === null ? null : (e.methods[event.method] ?? event.method)}</Fact>
        <Fact name={e.card}>{event.card}</Fact>
        <Fact name={words.value.match}>{match === null ? null : match.toFixed(0)}</Fact>
        <Fact name={e.temperature}>{temperature}</Fact>
        <Fact name={e.mask}>{attributes.mask}</Fact>
        <Fact name={e.glasses}>{attributes.glasses}</Fact>
        <Fact name={w.facts["attributes.age"]}>{attributes.age}</Fact>
        <Fact name={w.facts["attributes.gender"]}>{attributes.gender}</Fact>
        <Fact name={e.group}>{person.group}</Fact>
        <Fact name={e.entered}>{event.enteredAt === null ? null : clockTime(event.enteredAt)}</Fact>
        <Fact name={e.left}>{event.leftAt === null ? null : clockTime(event.leftAt)}</Fact>
        <Fact name={e.licence}>{box.serial}</Fact>
      </dl>
      {event.reportedTime === null ? <p class="meta wide">{w.noTime}</p> : null}
      {unreadable.map((path) => (
        <p key={path} class="meta wide">
          <bdi>{w.unreadable(path)}</bdi>
        </p>
      ))}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === null || children === "") return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </>
  );
}
