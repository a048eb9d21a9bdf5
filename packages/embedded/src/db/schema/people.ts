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
      item ->> 'workWeek' AS work_week, item ->> 'holidays' AS holidays, item ->> 'sharesPeople' AS shares_people,
      item ->> 'keepsPeopleApart' AS keeps_people_apart
    FROM items WHERE pk GLOB 'site *';

  -- When this folder got the version, ms. Its name matters: SQLite reads objects in the order of a hash of their names,
  -- and leaves unused pages out of its checks if it begins with a view. A test of the doctor finds that.
  CREATE TABLE store_upgrades (version INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
  INSERT INTO store_upgrades VALUES (2, CAST(unixepoch('subsec') * 1000 AS INTEGER));
`;

/** Version 5: views of the addresses that people saved, and of the browsers that are notified. */
export const choiceViews = `
  CREATE VIEW saved_views AS
    SELECT pk AS id, item ->> 'name' AS name, item ->> 'address' AS address, item ->> 'owner' AS owner,
      item ->> 'isForEverybody' AS is_for_everybody
    FROM items WHERE pk GLOB 'view_*';

  CREATE VIEW subscriptions AS
    SELECT pk AS id, item ->> 'account' AS account, item ->> 'name' AS name, item ->> 'kinds' AS kinds,
      item ->> 'madeAt' AS made_at, item ->> 'lastAt' AS last_at
    FROM items WHERE pk GLOB 'sub_*';
`;

/** Version 7: notes about events. They are removed with their event. */
export const noteViews = `
  CREATE VIEW noted AS
    SELECT substr(pk, 7) AS event_id, item ->> 'box' AS box, item ->> 'notes' AS notes
    FROM items WHERE pk GLOB 'notes *';

  CREATE TRIGGER notes_go_with_events AFTER DELETE ON events BEGIN
    DELETE FROM items WHERE pk = 'notes ' || old.id;
  END;
`;

/** Version 12: a view of the alarms that wait for an acknowledgement. */
export const alarmViews = `
  CREATE VIEW open_alarms AS
    SELECT item ->> 'event' AS event_id, item ->> 'at' AS at
    FROM items WHERE pk GLOB 'alarm *' AND item ->> 'event' IS NOT NULL;
`;

/** Version 11: a view of the names that terminals have for people. */
export const enrolledViews = `
  CREATE VIEW enrolled_people AS
    SELECT substr(pk, 5, instr(substr(pk, 5), ' ') - 1) AS box, item ->> 'terminal' AS terminal, item ->> 'person' AS person,
      item ->> 'name' AS name, item ->> 'saidAt' AS said_at
    FROM items WHERE pk GLOB 'pin *';
`;

/** Version 8: views of evacuation lists. */
export const rollViews = `
  CREATE VIEW rolls AS
    SELECT pk AS id, item ->> 'site' AS site, item ->> 'isDrill' AS is_drill, item ->> 'begunAt' AS begun_at,
      item ->> 'begunBy' AS begun_by, item ->> 'closedAt' AS closed_at, item ->> 'closedBy' AS closed_by
    FROM items WHERE pk GLOB 'rol_*';
  CREATE VIEW rolled AS
    SELECT item ->> 'roll' AS roll, item ->> 'library' AS library, item ->> 'key' AS person, item ->> 'known' AS name,
      item ->> 'tickAt' AS tick_at, item ->> 'isSafe' AS is_safe, item ->> 'by' AS "by"
    FROM items WHERE pk GLOB 'roll-person *';
`;
