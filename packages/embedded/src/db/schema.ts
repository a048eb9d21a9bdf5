import { actionHistory } from "./migrations/action-history.ts";
import { alerts } from "./migrations/alerts.ts";
import { approvals } from "./migrations/approvals.ts";
import { audit } from "./migrations/audit.ts";
import { believedTime } from "./migrations/believed-time.ts";
import { boxesMigration } from "./migrations/boxes.ts";
import { deliveryAnswers } from "./migrations/delivery-answers.ts";
import { eventOutbox } from "./migrations/event-outbox.ts";
import { eventsInOrder } from "./migrations/events-in-order.ts";
import { firstEvents } from "./migrations/first-events.ts";
import { halfHours } from "./migrations/half-hours.ts";
import { items } from "./migrations/items.ts";
import { jobs } from "./migrations/jobs.ts";
import { lateDeliveries } from "./migrations/late-deliveries.ts";
import { limitedKeys } from "./migrations/limited-keys.ts";
import { quarantineGroups } from "./migrations/quarantine-groups.ts";
import { quarantinePieces } from "./migrations/quarantine-pieces.ts";
import { quarantineShapes } from "./migrations/quarantine-shapes.ts";
import { removals } from "./migrations/removals.ts";
import { reportsByRowid } from "./migrations/reports-by-rowid.ts";
import { retentionDays } from "./migrations/retention-days.ts";
import { searchableTexts } from "./migrations/searchable-texts.ts";
import { seen } from "./migrations/seen.ts";
import { seenMarks } from "./migrations/seen-marks.ts";
import { siteKeys } from "./migrations/site-keys.ts";
import { storeClock } from "./migrations/store-clock.ts";
import { suppression } from "./migrations/suppression.ts";
import { textBlocks } from "./migrations/text-blocks.ts";
import { zoneOfPauses } from "./migrations/zone-of-pauses.ts";

/**
 * The schema, one step for each version. A released step is never changed, comments in it included. Times are ms since
 * 1970. A row exists only for what is durable: the row of a picture is written after its bytes were synced.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    box TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;

  -- What signs the cursors that were handed out.
  CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO secrets VALUES ('cursor', randomblob(32));

  CREATE TABLE pictures (
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    position INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (month, sha256)
  ) STRICT, WITHOUT ROWID;

  -- Bytes that are to be overwritten: their row is gone, their place not yet zero.
  CREATE TABLE erasures (
    month TEXT NOT NULL,
    position INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (month, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    is_twin INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Rises with every change of any event, and is never used again.
    revision INTEGER NOT NULL,
    -- What events are looked up by, as merged from the reports.
    time INTEGER NOT NULL,
    device_id TEXT,
    endpoint TEXT,
    ip TEXT,
    person TEXT,
    person_type TEXT NOT NULL,
    want_action TEXT,
    search TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX events_by_time ON events (time, id);
  CREATE INDEX events_by_box ON events (box, time, id);
  CREATE INDEX events_by_person ON events (person, time, id) WHERE person IS NOT NULL;
  CREATE INDEX events_by_type ON events (person_type, time, id);
  CREATE INDEX events_by_action ON events (want_action, time, id) WHERE want_action IS NOT NULL;
  CREATE INDEX events_by_expiry ON events (expires_at);
  CREATE UNIQUE INDEX events_by_revision ON events (revision);

  CREATE TABLE last_revision (revision INTEGER NOT NULL) STRICT;
  INSERT INTO last_revision VALUES (0);

  CREATE TABLE event_flags (
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    flag TEXT NOT NULL,
    PRIMARY KEY (event_id, flag)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE reports (
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    kind TEXT NOT NULL,
    signature TEXT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (event_id, kind)
  ) STRICT, WITHOUT ROWID;

  -- An event never names a picture that is not there.
  CREATE TABLE event_pictures (
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (event_id, month, sha256),
    FOREIGN KEY (month, sha256) REFERENCES pictures
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX event_pictures_by_picture ON event_pictures (month, sha256);

  CREATE TABLE actions (
    id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    want_action TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    at INTEGER NOT NULL,
    -- Until then a pending action is held by a sweep.
    held_until INTEGER NOT NULL DEFAULT 0,
    UNIQUE (event_id, want_action)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX actions_by_time ON actions (at, id);
  CREATE INDEX actions_by_state ON actions (state, at, id);

  CREATE TABLE quarantine (
    id TEXT PRIMARY KEY,
    box TEXT NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    headers TEXT NOT NULL,
    event_id TEXT,
    event_signature TEXT,
    bytes INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX quarantine_by_box ON quarantine (box, received_at, id, bytes);
  CREATE INDEX quarantine_by_time ON quarantine (received_at, id);

  CREATE TABLE quarantine_dropped (box TEXT PRIMARY KEY, records INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- What each rule is to get, one row a rule and entry. A row that was delivered stays without its content, so that an
  -- entry which is put again is not delivered again. No row outlives its event: it holds what the event holds.
  CREATE TABLE deliveries (
    -- Also the order of delivery, and never used again.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    detail_type TEXT NOT NULL,
    event_id TEXT NOT NULL REFERENCES events ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    envelope TEXT,
    -- When it was put, or sent again; its day of tries begins then.
    since INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    -- Why the last try failed.
    reason TEXT,
    -- When it was delivered or given up.
    ended_at INTEGER,
    UNIQUE (rule, entry_id)
  ) STRICT;
  CREATE INDEX deliveries_waiting ON deliveries (rule, id) WHERE state = 'waiting';
  CREATE INDEX deliveries_dead ON deliveries (ended_at, id) WHERE state = 'dead';
  CREATE INDEX deliveries_by_event ON deliveries (event_id);
  `,
  `
  -- Where an event was made in the order of revisions, which it keeps when it changes.
  ALTER TABLE events ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
  UPDATE events SET made = revision;

  CREATE INDEX events_by_device_id ON events (device_id, time, id) WHERE device_id IS NOT NULL;
  CREATE INDEX events_by_endpoint ON events (endpoint, time, id) WHERE endpoint IS NOT NULL;
  CREATE INDEX events_by_ip ON events (ip, time, id) WHERE ip IS NOT NULL;
  CREATE INDEX events_by_shown_device ON events (coalesce(device_id, endpoint, ip));

  ALTER TABLE event_flags ADD COLUMN time INTEGER NOT NULL DEFAULT 0;
  UPDATE event_flags SET time = (SELECT time FROM events WHERE id = event_id);
  CREATE INDEX event_flags_by_flag ON event_flags (flag, time, event_id);

  -- What events are searched by, each text once however many events have it, and every run of one to three characters
  -- in it. A text goes with its last event.
  CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE text_grams (
    gram TEXT NOT NULL,
    text_id INTEGER NOT NULL REFERENCES texts ON DELETE CASCADE,
    PRIMARY KEY (gram, text_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX text_grams_by_text ON text_grams (text_id);
  CREATE TRIGGER texts_are_cut AFTER INSERT ON texts BEGIN
    INSERT INTO text_grams SELECT DISTINCT value, new.id FROM json_each(gatepost_grams(new.text));
  END;

  ALTER TABLE events ADD COLUMN person_text INTEGER REFERENCES texts;
  ALTER TABLE events ADD COLUMN place_text INTEGER REFERENCES texts;
  INSERT INTO texts (text) SELECT DISTINCT search FROM events WHERE search <> '';
  -- Of what was stored before, nobody knows where the person ends and the place begins: all of it is found as one text.
  UPDATE events SET place_text = (SELECT texts.id FROM texts WHERE text = search);
  CREATE INDEX events_by_person_text ON events (person_text, time, id) WHERE person_text IS NOT NULL;
  CREATE INDEX events_by_place_text ON events (place_text, time, id) WHERE place_text IS NOT NULL;
  CREATE TRIGGER texts_go_with_events AFTER DELETE ON events BEGIN
    DELETE FROM texts WHERE id IN (old.person_text, old.place_text)
      AND NOT EXISTS (SELECT 1 FROM events WHERE person_text = texts.id)
      AND NOT EXISTS (SELECT 1 FROM events WHERE place_text = texts.id);
  END;
  CREATE TRIGGER texts_go_with_changes AFTER UPDATE OF person_text, place_text ON events
  WHEN (old.person_text IS NOT NULL AND old.person_text IS NOT new.person_text)
    OR (old.place_text IS NOT NULL AND old.place_text IS NOT new.place_text) BEGIN
    DELETE FROM texts WHERE id IN (old.person_text, old.place_text)
      AND NOT EXISTS (SELECT 1 FROM events WHERE person_text = texts.id)
      AND NOT EXISTS (SELECT 1 FROM events WHERE place_text = texts.id);
  END;
  `,
  `
  -- What each box said last of itself: one row a box and kind of notice.
  CREATE TABLE notices (
    box TEXT NOT NULL,
    kind TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (box, kind)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- An entry that a target refused steps aside, so that those behind it in the queue pass it.
  ALTER TABLE deliveries ADD COLUMN is_aside INTEGER NOT NULL DEFAULT 0;
  -- How often the target refused it, and when it did first.
  ALTER TABLE deliveries ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deliveries ADD COLUMN refused_at INTEGER;
  -- The digest of the rule as it was at the last try. What another rule of this name brought about does not count.
  ALTER TABLE deliveries ADD COLUMN tried_with TEXT;
  DROP INDEX deliveries_waiting;
  CREATE INDEX deliveries_waiting ON deliveries (rule, is_aside, id) WHERE state = 'waiting';
  CREATE INDEX deliveries_aside ON deliveries (rule, due_at, id) WHERE state = 'waiting' AND is_aside = 1;
  `,
  `
  -- Null: its bytes are in the pack. Missing: the pack ends before them. Damaged: other bytes are in their place.
  ALTER TABLE pictures ADD COLUMN lost TEXT CHECK (lost IN ('missing', 'damaged'));
  CREATE INDEX pictures_lost ON pictures (month) WHERE lost IS NOT NULL;

  -- Pictures that were lost or found and whose events do not say so yet.
  CREATE TABLE pictures_changed (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    month TEXT NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER pictures_lost_or_found AFTER UPDATE OF lost ON pictures
  WHEN (old.lost IS NULL) <> (new.lost IS NULL) BEGIN
    INSERT INTO pictures_changed (month, sha256) VALUES (new.month, new.sha256);
  END;
  `,
  `
  -- What a key may deliver: reports a second, reports at once, bytes a day. Null where it may deliver any number.
  ALTER TABLE keys ADD COLUMN rate REAL;
  ALTER TABLE keys ADD COLUMN burst INTEGER;
  ALTER TABLE keys ADD COLUMN daily_bytes INTEGER;
  -- What it delivered on its last day: days since 1970, and bytes.
  ALTER TABLE keys ADD COLUMN used_day INTEGER;
  ALTER TABLE keys ADD COLUMN used_bytes INTEGER;
  `,
  `
  -- The action of an event that want_action does not show. There are two actions, and an event that has any shows one.
  ALTER TABLE events ADD COLUMN other_action TEXT;
  UPDATE events SET other_action = other.want_action
    FROM actions AS other WHERE other.event_id = events.id AND other.want_action IS NOT events.want_action;
  CREATE INDEX events_by_other_action ON events (other_action, time, id) WHERE other_action IS NOT NULL;
  `,
  `
  -- The events that were made of the other reports of a batch that is kept as a whole.
  CREATE TABLE quarantine_events (
    event_id TEXT NOT NULL,
    quarantine_id TEXT NOT NULL REFERENCES quarantine ON DELETE CASCADE,
    PRIMARY KEY (event_id, quarantine_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quarantine_events_by_record ON quarantine_events (quarantine_id);
  CREATE INDEX quarantine_by_event ON quarantine (event_id) WHERE event_id IS NOT NULL;
  `,
  reportsByRowid,
  lateDeliveries,
  limitedKeys,
  boxesMigration,
  suppression,
  halfHours,
  actionHistory,
  deliveryAnswers,
  audit,
  seen,
  quarantineGroups,
  jobs,
  siteKeys,
  retentionDays,
  approvals,
  removals,
  eventsInOrder,
  alerts,
  firstEvents,
  storeClock,
  zoneOfPauses,
  eventOutbox,
  textBlocks,
  searchableTexts,
  quarantinePieces,
  believedTime,
  quarantineShapes,
  items,
  seenMarks,
];
