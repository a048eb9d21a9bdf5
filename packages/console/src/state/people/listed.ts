import type { Api } from "@gatepost/client";
import { dayMs } from "../../format/durations.ts";
import { poorMatch } from "../../format/event.ts";
import type { Pictured, PictureKind } from "../pictures.ts";

/** A page of the list of people. */
export type PeoplePage = Extract<Api["GET /v1/people"]["answer"], { total: number }>;
export type Listed = PeoplePage["people"][number];

/** The page of an answer to a question without an id. */
export function asPeoplePage(answer: Api["GET /v1/people"]["answer"]): PeoplePage {
  if ("total" in answer) return answer;
  throw new Error("the server sent the data of one person in place of a list");
}

/** The most important thing to know about a person; null if there is none. */
export type Remark = { is: "asked" } | { is: "match"; below: number } | { is: "away"; days: number };

/** Days without a passing after which it is worth a remark: the row shows as many. */
const awayAfter = 14;

export function remarkOf({ asked, score, last }: Pick<Listed, "asked" | "score" | "last">, now: number): Remark | null {
  if (asked === "1002") return { is: "asked" };
  if (score !== null && score < poorMatch) return { is: "match", below: poorMatch };
  const days = Math.floor((now - Date.parse(last.at)) / dayMs);
  return days >= awayAfter ? { is: "away", days } : null;
}

/** The picture that a link of the API leads to (`/v1/events/…/pictures/face`), as the page loads pictures. */
function kindIn(href: string | null): PictureKind | null {
  const name = /\/pictures\/(registered|face|scene|infrared)\b/.exec(href ?? "")?.[1];
  return name === undefined ? null : (name as PictureKind);
}

/** The last passing of a listed person, with the pictures of the row. */
export function lastPassing({ id, library, last, href }: Pick<Listed, "id" | "library" | "last" | "href">): Pictured {
  const kinds = [kindIn(href.registered), kindIn(href.face)].filter((kind) => kind !== null);
  const unmeasured = { sha256: "", bytes: 0 };
  const pictures = Object.fromEntries(kinds.map((kind) => [kind, unmeasured]));
  return { id: last.event, box: { id: library }, person: { id }, pictures };
}
