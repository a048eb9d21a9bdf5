import { isObject, jsonIn } from "@gatepost/protocol";
import { clockOf, json, nameOf, type TerminalForm } from "./form.ts";

const notification = "/LAPI/V1.0/System/Event/Notification/PersonVerification";

/** A terminal that notifies of one verification a request, until the answer has the number of the notification. */
export const uniview: TerminalForm = {
  partsOf: () => ["record"],
  isListed: () => false,
  request(terminal, [{ passing, isKept }]) {
    const { number, person, at, picture } = passing;
    const image = picture === null ? {} : { FaceImage: { Name: "f.jpg", Data: picture.toString("base64") } };
    return json(notification, {
      Seq: number,
      DeviceCode: terminal.id,
      Timestamp: at / 1000 + 1,
      NotificationType: isKept ? 1 : 0,
      FaceInfoList: [{ ID: number, Timestamp: at / 1000, FeatureList: [{ Feature: "QUJD" }], ...image }],
      LibMatInfoList: [
        {
          LibType: person === null ? 2 : 3,
          MatchStatus: person === null ? 2 : 1,
          MatchPersonID: 0,
          MatchPersonInfo: person === null ? {} : { PersonCode: person, PersonName: nameOf(passing) },
        },
      ],
    });
  },
  isTaken: ({ body }, [{ passing }]) => memberOf(body, "Response", "Data", "RecordID") === passing.number,
  heartbeat: (terminal, at) =>
    json("/LAPI/V1.0/PACS/Controller/HeartReportInfo", {
      RefId: "1",
      Time: clockOf(terminal, at).replace("T", " "),
      DeviceCode: terminal.id,
      DeviceType: 5,
    }),
  timeIn({ body }, { zone }) {
    const time = memberOf(body, "Data", "Time");
    const shown = typeof time === "string" ? Date.parse(`${time.replace(" ", "T")}Z`) : Number.NaN;
    return Number.isNaN(shown) ? null : shown - zone * 60_000;
  },
};

function memberOf(body: string, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : null), jsonIn(body));
}
