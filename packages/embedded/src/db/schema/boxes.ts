/** Boxes: their signs of life and their pauses. */
export const boxTables = `
  -- One row a box: the sum of its signs, whether it is silent, and its settings, as JSON.
  CREATE TABLE boxes (
    box TEXT PRIMARY KEY,
    -- Rises with each write.
    rev INTEGER NOT NULL,
    -- When to look at it again; null if there is nothing to look for.
    look_at INTEGER,
    is_silent INTEGER NOT NULL,
    -- Its last sign of life; null before the first.
    last_seen INTEGER,
    site TEXT,
    record TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX boxes_due ON boxes (look_at) WHERE look_at IS NOT NULL;
  CREATE INDEX boxes_by_state ON boxes (is_silent, box);
  CREATE INDEX boxes_by_site ON boxes (site, box) WHERE site IS NOT NULL;

  -- The longest pause between two signs of a box, or of a device of it, by the hour that it touched: hours of the
  -- deployment's zone since 1970. The device of the box itself is ''.
  CREATE TABLE box_pauses (
    box TEXT NOT NULL,
    device TEXT NOT NULL,
    hour INTEGER NOT NULL,
    longest INTEGER NOT NULL,
    PRIMARY KEY (box, device, hour)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX box_pauses_by_hour ON box_pauses (hour);

  -- When Gatepost received, as JSON: one row.
  CREATE TABLE reception (id INTEGER PRIMARY KEY CHECK (id = 1), reception TEXT NOT NULL) STRICT;

  -- Up to which revision of events, and which receipt of notices, the signs of boxes are noted: one row. The zone is that
  -- of the hours in box_pauses, null before the first is noted.
  CREATE TABLE boxes_noted (revision INTEGER NOT NULL, received_at INTEGER NOT NULL, zone TEXT) STRICT;
  INSERT INTO boxes_noted VALUES (0, 0, NULL);
`;
