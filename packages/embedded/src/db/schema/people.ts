/** Version 2: views of the records of people who sign in, and of sites. */
export const peopleViews = `
  CREATE VIEW accounts AS
    SELECT pk AS id, item ->> 'name' AS name, item ->> 'email' AS email, item ->> 'role' AS role,
      item ->> 'sites' AS sites, item ->> 'boxes' AS boxes, item ->> 'issuer' AS issuer, item ->> 'subject' AS subject,
      item ->> 'createdAt' AS created_at, item ->> 'lastSeenAt' AS last_seen_at,
      item ->> 'disabledAt' AS disabled_at, item ->> 'removedAt' AS removed_at
    FROM items WHERE pk GLOB 'acc_*';
  CREATE VIEW sessions AS
    SELECT pk AS id, item ->> 'account' AS account, item ->> 'with' AS "with", item ->> 'startedAt' AS started_at,
      item ->> 'usedAt' AS used_at, ttl
    FROM items WHERE pk GLOB 'ses_*';

  CREATE VIEW sites AS
    SELECT substr(pk, 6) AS id, item ->> 'name' AS name, item ->> 'place' AS place, item ->> 'zone' AS zone,
      item ->> 'workWeek' AS work_week, item ->> 'holidays' AS holidays, item ->> 'sharesPeople' AS shares_people
    FROM items WHERE pk GLOB 'site *';

  -- When this folder got the version, ms. It is behind the views: SQLite leaves unused pages out of its checks if the
  -- last that it reads is a view.
  CREATE TABLE upgrades (version INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
  INSERT INTO upgrades VALUES (2, CAST(unixepoch('subsec') * 1000 AS INTEGER));
`;
