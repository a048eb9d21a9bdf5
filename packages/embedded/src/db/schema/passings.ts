/**
 * Version 6: the passing of each event, as people, presence and hours count it, and views of their records. A passing is
 * null in events of earlier builds: then it is read from their reports.
 */
export const passingColumns = `
  ALTER TABLE events ADD COLUMN passing TEXT;
  CREATE INDEX events_by_passer ON events (box, person, time) WHERE is_indexed = 1 AND person IS NOT NULL;

  -- Of the corrections of people: who has left a site, and the days of hours.
  CREATE VIEW left_sites AS
    SELECT pk AS id, item ->> 'site' AS site, item ->> 'library' AS library, item ->> 'key' AS person,
      item ->> 'leftAt' AS left_at, item ->> 'reason' AS reason, item ->> 'by' AS "by", item ->> 'madeAt' AS made_at
    FROM items WHERE pk GLOB 'left_*';
  CREATE VIEW schedules AS
    SELECT substr(pk, 10) AS id, item ->> 'site' AS site, item ->> 'name' AS name, item ->> 'groups' AS groups,
      item ->> 'start' AS start, item ->> 'end' AS "end", item ->> 'weekdays' AS weekdays
    FROM items WHERE pk GLOB 'schedule *';
  CREATE VIEW hours_corrections AS
    SELECT pk AS id, item ->> 'site' AS site, item ->> 'library' AS library, item ->> 'key' AS person,
      item ->> 'day' AS day, item ->> 'kind' AS kind, item ->> 'in' AS "in", item ->> 'out' AS "out",
      item ->> 'reason' AS reason, item ->> 'by' AS "by", item ->> 'madeAt' AS made_at
    FROM items WHERE pk GLOB 'cor_*';
  CREATE VIEW closed_months AS
    SELECT substr(pk, 14) AS id, item ->> 'by' AS "by", item ->> 'madeAt' AS made_at
    FROM items WHERE pk GLOB 'closed-month *';
`;

/** Version 10: a view of the mails of hours. */
export const hoursMailViews = `
  CREATE VIEW hours_mails AS
    SELECT substr(pk, 12) AS site, item ->> 'to' AS accounts, item ->> 'mailAt' AS mail_at, item ->> 'what' AS what,
      item ->> 'doneOn' AS done_on
    FROM items WHERE pk GLOB 'hours-mail *';
`;
