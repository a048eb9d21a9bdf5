import { GatepostError } from "@gatepost/core/errors";
import { type HoursMail, mailedDays } from "@gatepost/core/hours";
import { masked } from "@gatepost/core/masking";
import * as z from "zod";
import { portsAtSite } from "../access/ports-for.ts";
import { managersAlone } from "../access/who.ts";
import { siteText } from "../names.ts";
import { namedObject, namedWords } from "../openapi/named.ts";
import { route } from "../route.ts";
import { addressOf, doneOf } from "./mail.ts";

const site = siteText.meta({ description: "The site; `default`: boxes without a site." });

const facts = {
  site,
  to: z
    .array(z.string().max(64))
    .min(1)
    .max(20)
    .transform((ids) => [...new Set(ids)])
    .meta({ description: "Ids of accounts (`acc_…`): managers and above who see the whole site, and have signed in." }),
  at: z
    .string()
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time as 08:00")
    .meta({ description: "By the clocks of the site." }),
  what: namedWords(
    "MailedDays",
    mailedDays,
    "`yesterday`: each day, the day before; `last-week`: each Monday, the week from Monday to Sunday.",
  ),
};

const namesOpen = z.boolean().meta({ description: "Whether the mail names the people whose days have no last out." });

const answer = namedObject("HoursMail", {
  ...facts,
  namesOpen,
  to: z.array(z.string()),
  doneOn: z.iso
    .date()
    .meta({ description: "The last day that needs no mail any more: it was sent, or its time had passed." }),
});

const noChannel = "no rule sends e-mail yet: add a rule whose target is e-mail, whose server and sender it then uses";

const getMail = route({
  method: "GET",
  path: "/v1/hours/mail",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Show to whom the hours of a site are mailed",
    answer: {
      status: 200,
      is: "Who gets them, and when; null if they are not mailed.",
      schema: z.object({
        mail: answer.nullable(),
        isSetUp: z.boolean().meta({ description: "Whether a rule sends e-mail." }),
      }),
    },
    example: { query: { site: "default" } },
  },
  asks: { query: z.object({ site }) },
  async answer({ query }, deps) {
    await portsAtSite(query.site, deps);
    const mail = await deps.hoursMails.get(query.site);
    const isSetUp = deps.mailer.language() !== null;
    return Response.json({ mail: mail === null ? null : shown(mail), isSetUp });
  },
});

const putMail = route({
  method: "PUT",
  path: "/v1/hours/mail",
  who: managersAlone,
  isOfPeople: true,
  about: {
    summary: "Mail the hours of a site",
    detail:
      "As `csv` and `xlsx`, over the server of the first rule that sends e-mail, and to addresses of accounts alone. The first " +
      "mail is at the next time.",
    answer: { status: 200, is: "Who gets them, and when.", schema: answer },
    others: { 409: "No rule sends e-mail (`no-mail`); or 500 sites have a mail." },
    example: { body: { site: "default", to: ["acc_222222222222222222"], at: "08:00", what: "yesterday" } },
  },
  asks: { body: z.strictObject({ ...facts, namesOpen: namesOpen.default(false) }) },
  audits: {
    action: "setting-changed",
    about: ({ body }) => ({ setting: "hours-mail", site: masked(body.site), recipients: body.to.length }),
  },
  async answer({ body }, deps) {
    if (deps.mailer.language() === null) throw new GatepostError("conflict", noChannel, { code: "no-mail" });
    const atSite = await portsAtSite(body.site, deps);
    for (const id of body.to) {
      if ((await addressOf(id, body.site, deps)) === null) {
        const who = /^acc_[0-9a-f]{1,32}$/.test(id) ? id : "one of them";
        throw new GatepostError(
          "bad-request",
          `to: ${who} is no account with an e-mail address that may read the hours of the whole site`,
        );
      }
    }
    return Response.json(shown(await deps.hoursMails.put({ ...body, doneOn: await doneOf(body, atSite) })));
  },
});

const removeMail = route({
  method: "DELETE",
  path: "/v1/hours/mail",
  who: managersAlone,
  about: {
    summary: "Mail the hours of a site no more",
    answer: { status: 204, is: "No further mail is sent." },
    others: { 404: "The hours of the site are not mailed, or the caller sees no box of it." },
    example: { query: { site: "default" } },
  },
  asks: { query: z.object({ site }) },
  audits: {
    action: "setting-changed",
    about: ({ query }) => ({ setting: "hours-mail", site: masked(query.site), removed: true }),
  },
  async answer({ query }, deps) {
    await portsAtSite(query.site, deps);
    if (!(await deps.hoursMails.remove(query.site))) {
      throw new GatepostError("not-found", "the hours of this site are not mailed");
    }
    return new Response(null, { status: 204 });
  },
});

export const hoursMailRoutes = [getMail, putMail, removeMail];

function shown({ site: of, to, at, what, namesOpen: isNaming, doneOn }: HoursMail) {
  return { site: of, to, at, what, namesOpen: isNaming, doneOn };
}
