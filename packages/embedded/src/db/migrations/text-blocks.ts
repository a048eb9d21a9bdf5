/**
 * Texts get into the index of their characters in blocks of 512. A text has other characters than the one before, so its
 * rows were at random places, and each new name or device changed some fifty pages. The rows of a block are together,
 * and each page of them is written once.
 */
export const textBlocks = `
  DROP TRIGGER texts_are_cut;
  DROP TABLE text_grams;

  -- Up to which text all are in the index: a multiple of 512. Those since are few, and are looked through one by one.
  -- No later text has such a number, also if the last text was removed.
  CREATE TABLE indexed_texts (id INTEGER NOT NULL) STRICT;
  INSERT INTO indexed_texts SELECT coalesce(max(id), 0) / 512 * 512 FROM texts;

  -- The three characters at each place of each text, by blocks of 512 texts.
  CREATE TABLE text_grams (
    block INTEGER NOT NULL,
    gram TEXT NOT NULL,
    text_id INTEGER NOT NULL,
    PRIMARY KEY (block, gram, text_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO text_grams
    SELECT (texts.id - 1) / 512, value, texts.id FROM texts, json_each(gatepost_grams(text))
    WHERE texts.id <= (SELECT id FROM indexed_texts) ORDER BY 1, 2, 3;
  CREATE TRIGGER grams_go_with_texts AFTER DELETE ON texts WHEN old.id <= (SELECT id FROM indexed_texts) BEGIN
    DELETE FROM text_grams WHERE block = (old.id - 1) / 512 AND text_id = old.id
      AND gram IN (SELECT value FROM json_each(gatepost_grams(old.text)));
  END;
`;
