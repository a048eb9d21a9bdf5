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
