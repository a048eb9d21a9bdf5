import { among, type Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";
import { isWhole } from "../sites/limited.ts";

export function limitedPassings(passings: ApiPorts["passings"], { boxes }: Seen): ApiPorts["passings"] {
  return {
    read: (range) => passings.read({ ...range, boxes: among(boxes, range.boxes) }),
    lastBefore: (people, time) =>
      passings.lastBefore(
        people.map(({ key, boxes: asked }) => ({ key, boxes: among(boxes, asked) })),
        time,
      ),
    named: (people) => passings.named(people.map(({ key, boxes: asked }) => ({ key, boxes: among(boxes, asked) }))),
    known: (asked) => passings.known(among(boxes, asked)),
    forget: (asked) => passings.forget(among(boxes, asked)),
  };
}

export function limitedAlike(alike: ApiPorts["alike"], seen: Seen): ApiPorts["alike"] {
  return {
    async count() {
      const counted = await alike.count();
      const areWhole = await Promise.all(counted.map(({ site }) => isWhole(site, seen)));
      return counted.filter((_, n) => areWhole[n]);
    },
  };
}
