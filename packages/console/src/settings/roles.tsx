import { Mark } from "../parts/mark.tsx";
import { Table } from "../parts/table.tsx";
import { words } from "../words/index.ts";
import { settingsWords } from "../words/settings.ts";

/** From the least to the most that an account may do. */
export const roleNames = ["guard", "manager", "administrator"] as const;
export type Role = (typeof roleNames)[number];

export const roleChoices = () => roleNames.map((role) => [role, words.value.roles[role]] as const);

/** The rights of each role. */
export function Roles() {
  const w = settingsWords.value;
  const { roles } = words.value;
  return (
    <section class="panel" aria-labelledby="roles-title">
      <header>
        <h2 id="roles-title">{w.whatRolesMay}</h2>
      </header>
      <Table label={w.whatRolesMay} heads={[w.may, ...roleNames.map((role) => roles[role])]}>
        {w.rights.map(([right, from]) => (
          <tr key={right}>
            <td>
              {right}
              <span class="phone meta">
                {" "}
                {roleNames
                  .filter((role) => isAtLeast(role, from))
                  .map((role) => roles[role])
                  .join(words.value.code === "zh-CN" ? "、" : ", ")}
              </span>
            </td>
            {roleNames.map((role) => (
              <td key={role} class="opt">
                {isAtLeast(role, from) ? <Yes /> : "–"}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Yes() {
  return (
    <span class="state ok">
      <Mark name="tick" />
      {settingsWords.value.yes}
    </span>
  );
}

const isAtLeast = (role: Role, from: Role) => roleNames.indexOf(role) >= roleNames.indexOf(from);
