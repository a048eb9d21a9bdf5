import { type FaceEvent, knownPerson } from "@gatepost/protocol";
import { type EventFilter, searchTexts } from "@gatepost/query";

type Condition<Name extends keyof EventFilter> = (event: FaceEvent, asked: NonNullable<EventFilter[Name]>) => boolean;

/** What each member of a filter asks of an event. */
const asked: { [Name in keyof Required<EventFilter>]: Condition<Name> } = {
  from: ({ timestamp }, from) => timestamp >= from,
  to: ({ timestamp }, to) => timestamp < to,
  box: ({ box }, id) => box.id === id,
  device: ({ device }, name) => [device.id, device.endpoint, device.ip].includes(name),
  person: ({ person }, id) => knownPerson(person) === id,
  type: ({ person }, type) => person.type === type,
  action: ({ wantAction }, wanted) => wantAction === wanted,
  flag: ({ flags }, flag) => flags.includes(flag),
  q: (event, text) => Object.values(searchTexts(event)).join("\n").includes(text.toLowerCase()),
};

/** Whether an event is what a filter asks for. */
export function isAskedFor(event: FaceEvent, filter: EventFilter): boolean {
  const holds = <Name extends keyof EventFilter>(name: Name) => {
    const value = filter[name];
    return value === undefined || asked[name](event, value);
  };
  return (Object.keys(asked) as (keyof EventFilter)[]).every(holds);
}
