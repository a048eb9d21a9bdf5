import { asked, clockOf, type Identity, posted, type Report, type TerminalForm, type TerminalReply } from "./form.ts";

const statuses = { in: "0", out: "1" };

/** A line of a record of attendance. It has no name. */
function lineOf(terminal: Identity, { passing: { person, at, direction } }: Report): string {
  return `${person}\t${clockOf(terminal, at).replace("T", " ")}\t${statuses[direction]}\t15\t0\t0\t0\t\r\n`;
}

function photoOf(terminal: Identity, { passing: { person, at, picture } }: Report): Buffer {
  const time = clockOf(terminal, at).replaceAll(/\D/g, "");
  const name = [time, ...(person === null ? [] : [person])].join("-");
  const head = `PIN=${name}.jpg\nSN=${terminal.id}\nsize=${picture?.length}\nCMD=uploadphoto\0`;
  return Buffer.concat([Buffer.from(head), picture ?? Buffer.alloc(0)]);
}

function table(terminal: Identity, named: string, body: Buffer) {
  return { ...posted("/iclock/cdata", null, body), query: `SN=${terminal.id}&table=${named}&Stamp=9999` };
}

const countIn = ({ body }: TerminalReply) => Number(/^OK: (\d+)/.exec(body)?.[1]);

const isPlain = ({ contentType }: TerminalReply) => contentType.startsWith("text/plain");

/**
 * A terminal that pushes by ADMS: all waiting records in one body, and each photo by itself. A person who was not
 * recognised is in no record: only the photo is sent.
 */
export const zkteco: TerminalForm = {
  partsOf: ({ person, picture }) => [
    ...(person === null ? [] : (["record"] as const)),
    ...(picture === null ? [] : (["photo"] as const)),
  ],
  isListed: ({ part }) => part === "record",
  request(terminal, reports) {
    const [first] = reports;
    if (first.part === "photo") return table(terminal, "ATTPHOTO", photoOf(terminal, first));
    const lines = reports.map((report) => lineOf(terminal, report));
    return table(terminal, "ATTLOG", Buffer.from(lines.join("")));
  },
  isTaken: (reply, reports) =>
    isPlain(reply) && (reports[0].part === "photo" ? /^OK/.test(reply.body) : countIn(reply) === reports.length),
  handshake: {
    request: ({ id }) => asked("/iclock/cdata", `SN=${id}&options=all&pushver=2.4.1&language=83`),
    isTaken: (reply) => isPlain(reply) && reply.body.startsWith("GET OPTION FROM:"),
  },
  enrolment: (terminal, { person, name }) =>
    table(terminal, "OPERLOG", Buffer.from(`USER PIN=${person}\tName=${name ?? ""}\tPri=0\tPasswd=\tCard=\tGrp=1\r\n`)),
  heartbeat: ({ id }) => asked("/iclock/getrequest", `SN=${id}`),
  timeIn({ date }) {
    const time = Date.parse(date ?? "");
    return Number.isNaN(time) ? null : time;
  },
};
