/**
 * Texts are stored as they are searched: the same for every way to type a name. Two texts that were different may be one
 * now; events of both then have the first.
 */
export const searchableTexts = `
  DELETE FROM text_grams;
  UPDATE events SET search = gatepost_searchable(search) WHERE search <> gatepost_searchable(search);

  CREATE TABLE searchable_texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL, kept INTEGER NOT NULL) STRICT;
  INSERT INTO searchable_texts
    SELECT id, searchable, min(id) OVER (PARTITION BY searchable)
    FROM (SELECT id, gatepost_searchable(text) AS searchable FROM texts);
  CREATE TABLE joined_texts (id INTEGER PRIMARY KEY, kept INTEGER NOT NULL) STRICT;
  INSERT INTO joined_texts SELECT id, kept FROM searchable_texts WHERE id <> kept;
  UPDATE events SET person_text = joined_texts.kept FROM joined_texts WHERE joined_texts.id = person_text;
  UPDATE events SET place_text = joined_texts.kept FROM joined_texts WHERE joined_texts.id = place_text;
  DELETE FROM texts WHERE id IN (SELECT id FROM joined_texts);
  UPDATE texts SET text = searchable_texts.text FROM searchable_texts
    WHERE searchable_texts.id = texts.id AND searchable_texts.text <> texts.text;
  INSERT INTO text_grams
    SELECT (texts.id - 1) / 512, value, texts.id FROM texts, json_each(gatepost_grams(text))
    WHERE texts.id <= (SELECT id FROM indexed_texts) ORDER BY 1, 2, 3;
  DROP TABLE joined_texts;
  DROP TABLE searchable_texts;
`;
