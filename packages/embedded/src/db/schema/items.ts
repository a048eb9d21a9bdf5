/** The time at which the status of a box was received; null for other items. */
const receivedAt = "iif(pk GLOB 'notice *' AND json_valid(item), item ->> 'receivedAt', NULL)";

/**
 * The table of the record store. `ttl`, the names of lists and `at` are columns, so that they have indexes; `item` has
 * the other attributes. It has a rowid: an item that grows then moves no neighbour. For people with `sqlite3`, each kind
 * of record has a view.
 */
export const itemTables = `
  CREATE TABLE items (
    pk TEXT NOT NULL PRIMARY KEY,
    -- Seconds since 1970.
    ttl INTEGER,
    by_time TEXT,
    by_box TEXT,
    by_person TEXT,
    at TEXT,
    item TEXT NOT NULL
  ) STRICT;
  CREATE INDEX items_by_time ON items (by_time, at, pk) WHERE by_time IS NOT NULL;
  CREATE INDEX items_by_box ON items (by_box, at, pk) WHERE by_box IS NOT NULL;
  CREATE INDEX items_by_person ON items (by_person, at, pk) WHERE by_person IS NOT NULL;
  CREATE INDEX items_expiring ON items (ttl) WHERE ttl IS NOT NULL;
  CREATE TRIGGER audit_is_only_appended_to BEFORE UPDATE ON items WHEN old.pk GLOB 'audit [0-9]*' BEGIN
    SELECT RAISE(ABORT, 'an entry of the audit log cannot be changed');
  END;

  -- The last entry is in the item of the end of the chain until the next one is appended.
  CREATE VIEW audit AS
    SELECT record ->> 'seq' AS seq, CAST(round(unixepoch(record ->> 'at', 'subsec') * 1000) AS INTEGER) AS at, record
    FROM (
      SELECT item ->> 'record' AS record FROM items WHERE pk GLOB 'audit [0-9]*'
      UNION
      SELECT item ->> 'record' FROM items WHERE pk = 'audit'
    );
  CREATE VIEW picture_reads AS
    SELECT item ->> 'keyId' AS key_id, item ->> 'hour' AS hour, item ->> 'pictures' AS pictures
    FROM items WHERE pk GLOB 'pictures-read *';

  CREATE VIEW alert_rows AS
    SELECT substr(pk, 7) AS name, item ->> 'value' AS value, item ->> 'version' AS version, ttl
    FROM items WHERE pk GLOB 'alert *';

  CREATE VIEW jobs AS
    SELECT substr(pk, 5) AS id, item ->> 'step' AS step, by_time IS NOT NULL AS is_open, item ->> 'job' AS job, ttl
    FROM items WHERE pk GLOB 'job *';

  CREATE VIEW removals AS
    SELECT substr(pk, 9) AS id, item ->> 'box' AS box, item ->> 'person' AS person, item ->> 'state' AS state,
      item ->> 'reason' AS reason, item ->> 'askedAt' AS at, ttl
    FROM items WHERE pk GLOB 'removal *';

  CREATE VIEW seen AS
    SELECT substr(pk, 6) AS event_id, item ->> 'box' AS box, item ->> 'seenAt' AS at
    FROM items WHERE pk GLOB 'seen *';

  CREATE VIEW keys AS
    SELECT
      key.pk AS id,
      key.item ->> 'scope' AS scope,
      key.item ->> 'box' AS box,
      key.item ->> 'note' AS note,
      key.item ->> 'boxes' AS boxes,
      key.item ->> 'site' AS site,
      key.item ->> 'rate' AS rate,
      key.item ->> 'burst' AS burst,
      key.item ->> 'dailyBytes' AS daily_bytes,
      key.item ->> 'createdAt' AS created_at,
      key.item ->> 'expiresAt' AS expires_at,
      key.item ->> 'revokedAt' AS revoked_at,
      used.item ->> 'lastUsedAt' AS last_used_at,
      used.item ->> 'day' AS used_day,
      used.item ->> 'bytes' AS used_bytes
    FROM items AS key LEFT JOIN items AS used ON used.pk = 'used ' || key.pk
    WHERE key.pk GLOB 'key_*';

  CREATE VIEW boxes AS
    SELECT substr(pk, 5) AS box, item ->> 'record' AS record, item ->> 'rev' AS rev,
      CAST(substr(at, 1, 13) AS INTEGER) AS look_at, substr(at, 15, 1) = 's' AS is_silent, substr(by_box, 6) AS site, ttl
    FROM items WHERE pk GLOB 'box *';
  CREATE VIEW box_pauses AS
    SELECT substr(pk, 8) AS of, item ->> 'pauses' AS pauses, ttl FROM items WHERE pk GLOB 'pauses *';
  CREATE VIEW reception AS SELECT item ->> 'reception' AS reception FROM items WHERE pk = 'reception';

  -- The newest receipt is read each minute, so that a crash loses no sign of a box.
  CREATE INDEX items_by_receipt ON items (${receivedAt}) WHERE ${receivedAt} IS NOT NULL;
  CREATE VIEW notices AS
    SELECT item ->> 'box' AS box, item ->> 'kind' AS kind, ${receivedAt} AS received_at, item ->> 'report' AS report
    FROM items WHERE ${receivedAt} IS NOT NULL;
`;
