import { isObject, type JsonObject } from "@gatepost/protocol";
import type { PictureName } from "../album.ts";
import { blank } from "../blank.ts";
import { readPictureId, storedV5, storedV6 } from "../bodies/stored.ts";
import type { BoxAnswer, BoxApiRequest } from "../box-api.ts";
import type { Device, Passing, Pictures } from "../passing.ts";
import type { Family } from "./live.ts";
import type { Memory } from "./memory.ts";

export interface Remembered {
  memory: Memory;
  devices(): readonly Device[];
  pictures(passing: Passing): Pictures;
}

/** The answers of an SE5's API about its devices and its memory. docs/formats.md §2 (g), §4.4. */
export function queries(family: Family, of: Remembered): (asked: BoxApiRequest) => BoxAnswer {
  return family === "V6" ? (asked) => answerV6(asked, of) : (asked) => answerV5(asked, of);
}

function answerV5({ method, path, query }: BoxApiRequest, of: Remembered): BoxAnswer {
  if (method !== "GET") return null;
  if (path === "/SophonDevice/api/Devices") return { data: { devices_list: of.devices().map(deviceV5) } };
  if (path === "/SophonFace/api/events") return eventsV5(query, of);
  const image = /^\/SophonFace\/api\/images\/(.+)$/.exec(path)?.[1];
  if (image !== undefined) return registeredPicture(image, of);
  const eventImage = /^\/SophonFace\/api\/event_images\/(.+)$/.exec(path)?.[1];
  return eventImage === undefined ? null : eventPicture(eventImage, of);
}

function answerV6({ method, path, body }: BoxApiRequest, of: Remembered): BoxAnswer {
  if (method === "POST" && path === "/sophon/v2/face/getmediadevices") return { devices: of.devices().map(deviceV6) };
  if (method === "POST" && path === "/sophon/v2/face/getevents") return eventsV6(isObject(body) ? body : {}, of);
  if (method !== "GET") return null;
  const registered = /^\/sophon\/v2\/face\/getregisterimage\/(.+)$/.exec(path)?.[1];
  if (registered !== undefined) return registeredPicture(registered, of);
  const image = /^\/sophon\/v2\/face\/getspotimage\/(.+)$/.exec(path)?.[1];
  return image === undefined ? null : eventPicture(image, of);
}

/** What a box says of a registered picture that no part of it has: V6 says nothing else than by a blank one. */
export function unknownPictures(family: Family): (asked: BoxApiRequest) => BoxAnswer {
  return ({ method, path }) =>
    family === "V6" && method === "GET" && path.startsWith("/sophon/v2/face/getregisterimage/") ? blank : null;
}

function deviceV5({ id, ip, name }: Device): JsonObject {
  return { device_id: id, device_ip: ip, device_name: name, device_type: "rtsp", netRelay: {} };
}

function deviceV6({ id, ip, name }: Device): JsonObject {
  return { media_device_id: id, media_device_ip: ip, media_device_name: name, media_device_type: "rtsp" };
}

/** Its times are seconds. */
function eventsV5(query: URLSearchParams, of: Remembered): JsonObject {
  const seconds = (name: string, missing: number) => Number(query.get(name) ?? missing) * 1000;
  const found = of.memory.between(seconds("datetime_gte", 0), seconds("datetime_lte", Number.MAX_SAFE_INTEGER));
  const perPage = Number(query.get("per_page") ?? 10);
  const page = Number(query.get("page") ?? 0);
  return {
    data: found.slice(page * perPage, (page + 1) * perPage).map(storedV5),
    pagination: {
      num_pages: Math.ceil(found.length / perPage),
      page,
      per_page: perPage,
      total_count: found.length,
    },
  };
}

/** Its times are ms. */
function eventsV6(body: JsonObject, of: Remembered): JsonObject {
  const filters = isObject(body["filters"]) ? body["filters"] : {};
  const found = of.memory.between(
    Number(filters["datetime_gte"] ?? 0),
    Number(filters["datetime_lte"] ?? Number.MAX_SAFE_INTEGER),
  );
  const [limit, index] = [Number(body["page_limit"] ?? 10), Number(body["page_index"] ?? 0)];
  return {
    events: found.slice(index * limit, (index + 1) * limit).map(storedV6),
    pagination: { page_index: index, page_limit: limit, total_count: found.length },
  };
}

function eventPicture(id: string, of: Remembered): BoxAnswer {
  const asked = readPictureId(decodeURIComponent(id));
  const passing = asked === null ? undefined : of.memory.find(asked.number);
  return asked === null || passing === undefined ? null : pictureOf(passing, asked.name, of);
}

function registeredPicture(id: string, of: Remembered): BoxAnswer {
  const passing = of.memory.byImage(decodeURIComponent(id));
  return passing === undefined ? null : pictureOf(passing, "registered", of);
}

function pictureOf(passing: Passing, name: PictureName, of: Remembered): BoxAnswer {
  return of.pictures(passing)[name];
}
