/** The body of a large record of quarantine. The record itself has an empty body then. */
export const quarantinePieces = `
  CREATE TABLE quarantine_pieces (
    quarantine_id TEXT NOT NULL REFERENCES quarantine ON DELETE CASCADE,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (quarantine_id, number)
  ) STRICT;
`;
