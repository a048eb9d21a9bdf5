/** Words that dialects know as values, in lower case. They name no one. */
const words = new Set([
  ...["true", "false", "yes", "no", "null", "none", "nil", "undefined", "ok", "success", "error", "unknown", "normal"],
  ...["employee", "member", "visitor", "blacklist", "stranger", "vip", "default_group"],
  ...[
    "turnstile",
    "capture",
    "ipc-static",
    "ipc-dynamic",
    "access-control",
    "photo",
    "rtsp",
    "card",
    "file",
    "gb28181",
  ],
  ...["in", "out", "entry", "exit", "enter", "leave", "online", "offline", "open", "close", "closed"],
  ...["http", "https", "rtsp", "jpg", "jpeg", "png", "bmp", "json", "xml", "mp4"],
  ...["male", "female", "youth", "child", "adult", "middle", "old", "face", "fingerprint", "password", "code"],
  // Hikvision: docs/terminals.md.
  ...["checkin", "checkout", "breakin", "breakout", "overtimein", "overtimeout", "accesscontrollerevent", "active"],
  ...["inactive", "heartbeat", "idcard", "facecapture", "access controller event", "cardorface", "faceorfporcardorpw"],
  ...["vmd", "linedetection", "fielddetection", "regionentrance", "regionexiting", "loitering", "group"],
  ...["rapidmove", "parking", "unattendedbaggage", "attendedbaggage", "scenechangedetection", "shelteralarm"],
  ...["tamperdetection", "audioexception", "defocus", "io", "diskfull", "diskerror", "nicbroken", "ipconflict"],
  ...["illaccess", "badvideo", "storagedetection", "videoloss"],
  // Dahua.
  ...["accesscontrol", "_doorface_", "doorface", "keepalive", "doorstatus", "doornotclosed", "doorcontrol"],
  ...["alarmlocal", "videoblind", "usermanager", "newuser", "pulse", "start", "stop", "facedetection"],
  ...["facerecognition", "citizenpicturecompare", "facecomparision", "fingerprintcheck"],
  // ZKTeco.
  ...["uploadphoto", "realupload"],
]);

/** Members whose numbers are codes of a dialect, in lower case without underscores. */
const coded = new Set([
  ...["wantaction", "postaction", "persontype", "usertype", "devicetype", "eptype", "cameratype"],
  ...["type", "method", "opendoormethod", "status", "errorcode", "majoreventtype", "subeventtype", "mask", "maskflag"],
  ...["attendancestatus", "notificationtype", "cardtype", "libtype", "matchstatus", "capsrc", "cardstatus"],
  ...["verify", "verifytype", "verified", "event", "inoutstatus", "success", "code", "result", "fiqaresult"],
]);

const actions = new Set(["1001", "1002"]);

/** Whether a dialect knows the value of a member of this name, as a word or as a code. */
export function isKnown(text: string, name: string): boolean {
  if (words.has(text.trim().toLowerCase())) return true;
  const isCoded = coded.has(name.toLowerCase().replaceAll("_", ""));
  return isCoded && (/^-?\d{1,3}$/.test(text) || (/action$/i.test(name) && actions.has(text)));
}

const ofPersons =
  /person|user|employ|staff|identity|member|visitor|student|worker|customer|people|owner|^pin$|card|name$|编号|姓名/i;
const ofNoOne =
  /type|kind|status|state|group|role|score|time|date|sex|gender|age$|flag|level|count|mask|temp|pho|pic|image|device|door|box|gate|site|area|channel|camera/i;

/** Whether a member of this name says who a person is. */
function namesPerson(name: string): boolean {
  return ofPersons.test(name) && !ofNoOne.test(name);
}

/** Most ASCII letters of a word that may be an enumeration. */
const word = /^[A-Za-z]{1,12}$/;

/** Records of different persons in which a word must be. */
const persons = 3;

/** Counts in which records of which persons a word is. */
export class Enumerations {
  readonly #personsWith = new Map<string, Set<string>>();

  /** Adds a record. One that names no person does not count. */
  add(values: Iterable<{ text: string; name: string }>): void {
    const all = [...values];
    const person = JSON.stringify(all.filter(({ name }) => namesPerson(name)).map(({ name, text }) => [name, text]));
    if (person === "[]") return;
    for (const { text, name } of all) {
      if (!word.test(text) || namesPerson(name) || /name/i.test(name)) continue;
      const known = this.#personsWith.get(text) ?? new Set();
      this.#personsWith.set(text, known.add(person));
    }
  }

  has(text: string): boolean {
    return (this.#personsWith.get(text)?.size ?? 0) >= persons;
  }
}
