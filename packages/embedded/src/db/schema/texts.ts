const dropTexts = `
    DELETE FROM texts WHERE id IN (old.person_text, old.place_text)
      AND NOT EXISTS (SELECT 1 FROM events WHERE is_indexed = 1 AND person_text = texts.id)
      AND NOT EXISTS (SELECT 1 FROM events WHERE is_indexed = 1 AND place_text = texts.id)
      AND NOT EXISTS (SELECT 1 FROM events WHERE made > (SELECT made FROM indexed_events)
        AND texts.id IN (person_text, place_text));`;

/**
 * The texts by which events are searched, as `searchable` makes them. Each is stored once, and removed with its last
 * event. Indexes get them in blocks of 512: a text has other characters and another hash than the one before it, so each
 * alone would change many pages.
 */
export const textTables = `
  CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TRIGGER texts_go_with_events AFTER DELETE ON events BEGIN${dropTexts}
  END;
  CREATE TRIGGER texts_go_with_changes AFTER UPDATE OF person_text, place_text ON events
  WHEN (old.person_text IS NOT NULL AND old.person_text IS NOT new.person_text)
    OR (old.place_text IS NOT NULL AND old.place_text IS NOT new.place_text) BEGIN${dropTexts}
  END;

  -- The last text that is in the indexes, a multiple of 512, and all before it are. Later ones are few, and are searched
  -- one by one. No later text gets such a number, also if the last text was removed.
  CREATE TABLE indexed_texts (id INTEGER NOT NULL) STRICT;
  INSERT INTO indexed_texts VALUES (0);

  -- Each text by 32 bits of its hash: an index of whole texts would have many times as many pages.
  CREATE TABLE text_hashes (
    hash INTEGER NOT NULL,
    text_id INTEGER NOT NULL,
    PRIMARY KEY (hash, text_id)
  ) STRICT, WITHOUT ROWID;

  -- The three characters at each place of each text. The rows of a block are together, so each page is written once.
  CREATE TABLE text_grams (
    block INTEGER NOT NULL,
    gram TEXT NOT NULL,
    text_id INTEGER NOT NULL,
    PRIMARY KEY (block, gram, text_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER indexes_go_with_texts AFTER DELETE ON texts WHEN old.id <= (SELECT id FROM indexed_texts) BEGIN
    DELETE FROM text_hashes WHERE hash = gatepost_hash(old.text) AND text_id = old.id;
    DELETE FROM text_grams WHERE block = (old.id - 1) / 512 AND text_id = old.id
      AND gram IN (SELECT value FROM json_each(gatepost_grams(old.text)));
  END;
`;
