import type { ServerResponse } from "node:http";
import { isObject, type JsonObject, jsonIn } from "@gatepost/protocol";
import { type AskedOfTerminal, AskedTerminal } from "./asked-terminal.ts";
import type { TerminalPassing } from "./form.ts";
import { hikvisionEvent } from "./hikvision.ts";

interface Options {
  /** Its MAC. */
  id: string;
  /** Minutes by which its clock is ahead of UTC. */
  zone: number;
  user: string;
  password: string;
  /** ms since 1970 by its clock. */
  now(): number;
  /** Whether it has a stream of events: some firmware has none. */
  hasStream?: boolean;
}

const path = "/ISAPI/Event/notification/alertStream";

/** A terminal of Hikvision that is asked for its events: its stream, and the records that it keeps. */
export class HikvisionServer extends AskedTerminal {
  readonly #options: Options;
  readonly #kept: TerminalPassing[] = [];
  /** The number of searches in its records. */
  searches = 0;

  private constructor(options: Options) {
    super({ ...options, realm: "DS-K1T671", streams: "multipart/mixed; boundary=MIME_boundary" });
    this.#options = options;
  }

  static open(options: Options): Promise<HikvisionServer> {
    return new HikvisionServer(options).listen();
  }

  /** Keeps a passing, and sends it to the clients of its stream. */
  passes(passing: TerminalPassing): void {
    this.#kept.push(passing);
    const event = Buffer.from(
      JSON.stringify(hikvisionEvent(this.#options, { passing, isKept: false, tries: 0 }), null, 1),
    );
    const pictures = passing.picture === null ? [] : [part("image/jpeg", passing.picture)];
    this.send(Buffer.concat([part('application/json; charset="UTF-8"', event), ...pictures]));
  }

  protected answer({ pathname, body }: AskedOfTerminal, response: ServerResponse): void {
    if (pathname === path && this.#options.hasStream !== false) this.follow(response);
    else if (pathname === "/ISAPI/AccessControl/AcsEvent") response.end(JSON.stringify(this.#search(body)));
    else if (pathname === "/ISAPI/System/deviceInfo") response.end(xml("DeviceInfo", this.#description()));
    else if (pathname === "/ISAPI/System/time")
      response.end(xml("Time", { localTime: this.#shown(this.#options.now()) }));
    else this.#answerPicture(pathname, response);
  }

  #description(): Record<string, string> {
    return { deviceName: "North gate", macAddress: this.#options.id };
  }

  #search(body: Buffer): JsonObject {
    this.searches += 1;
    const asked = jsonIn(body.toString());
    const condition = isObject(asked) && isObject(asked["AcsEventCond"]) ? asked["AcsEventCond"] : {};
    const [from, to] = [Date.parse(`${condition["startTime"]}`), Date.parse(`${condition["endTime"]}`)];
    const all = this.#kept.filter(({ at }) => at >= from && at <= to).sort((a, b) => a.at - b.at);
    const position = Number(condition["searchResultPosition"]);
    const found = all.slice(position, position + Number(condition["maxResults"]));
    const isMore = position + found.length < all.length;
    const status = isMore ? "MORE" : all.length === 0 ? "NO MATCH" : "OK";
    const list = found.length === 0 ? {} : { InfoList: found.map((passing) => this.#record(passing)) };
    return {
      AcsEvent: {
        searchID: condition["searchID"] ?? "",
        responseStatusStrg: status,
        numOfMatches: found.length,
        totalMatches: all.length,
        ...list,
      },
    };
  }

  #record(passing: TerminalPassing): JsonObject {
    const { dateTime, AccessControllerEvent: event } = hikvisionEvent(this.#options, {
      passing,
      isKept: true,
      tries: 0,
    });
    const { majorEventType: major, subEventType: minor, currentEvent: _, picturesNumber: _number, ...others } = event;
    const url = `http://192.168.1.64/LOCALS/pic/acsLinkCap/${passing.number}.jpeg@WEB000000000001`;
    return { major, minor, time: dateTime, ...others, ...(passing.picture && { pictureURL: url }) };
  }

  #answerPicture(pathname: string, response: ServerResponse): void {
    const number = Number(/^\/LOCALS\/pic\/acsLinkCap\/(\d+)\.jpeg/.exec(pathname)?.[1]);
    const picture = this.#kept.find((passing) => passing.number === number)?.picture ?? null;
    response.writeHead(picture === null ? 404 : 200).end(picture ?? undefined);
  }

  #shown(at: number): string {
    return hikvisionEvent(this.#options, { passing: { ...noPassing, at }, isKept: false, tries: 0 }).dateTime;
  }
}

const noPassing = { number: 0, person: null, direction: "in", picture: null } as const;

function part(contentType: string, content: Buffer): Buffer {
  const head = `--MIME_boundary\r\nContent-Type: ${contentType}\r\nContent-Length: ${content.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), content, Buffer.from("\r\n")]);
}

function xml(root: string, members: Record<string, string>): string {
  const lines = Object.entries(members).map(([name, text]) => `<${name}>${text}</${name}>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://www.isapi.org/ver20/XMLSchema">\n${lines.join("")}</${root}>\n`;
}
