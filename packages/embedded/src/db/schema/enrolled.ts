/** Version 11: a view of the names that terminals have for people. */
export const enrolledViews = `
  CREATE VIEW enrolled_people AS
    SELECT substr(pk, 5, instr(substr(pk, 5), ' ') - 1) AS box, item ->> 'terminal' AS terminal, item ->> 'person' AS person,
      item ->> 'name' AS name, item ->> 'saidAt' AS said_at
    FROM items WHERE pk GLOB 'pin *';
`;
