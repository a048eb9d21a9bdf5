import { computed } from "@preact/signals";
import { type RailName, railNames, type Section } from "./address.ts";
import { keyScope, me } from "./session.ts";

/** What a signed-in user is: a person by the role of the account, a program or a screen by its key. */
const role = computed(() => {
  const account = me.value?.account ?? null;
  if (account !== null) return account.role;
  // The first letters of a key say it before the server has answered.
  return (me.value?.key?.scope ?? keyScope.value) === "admin" ? "administrator" : "reader";
});

/** Whether the user may do everything, as an administrator, or with an admin key. */
export const isAdmin = computed(() => role.value === "administrator");

/** Whether the user may approve, take photos and change rules. */
export const isManager = computed(() => isAdmin.value || role.value === "manager");

/** Whether the user gives reasons and notes: a read key does not. */
export const mayJudge = computed(() => role.value !== "reader");

/** Whether the user is a guard, who sees passings and requests alone. */
export const isGuard = computed(() => role.value === "guard");

/** Whether the user sees some boxes alone. */
export const isLimited = computed(() => {
  const { account = null, key = null } = me.value ?? {};
  if (account !== null) return account.role !== "administrator" && (account.sites !== null || account.boxes !== null);
  return key?.boxes !== undefined;
});

/** Whether the user may write rules: they name every box, and on AWS they are written elsewhere. */
export const mayWriteRules = computed(
  () => isManager.value && !isLimited.value && me.value?.server.rules === "editable",
);

/** Whether people, presence and hours are switched off on this server. */
export const isPeopleOff = computed(() => me.value?.server.people === false);

/** Whether the user may look at people by themselves: who they are, when they passed. */
export const hasPeople = computed(() => !isPeopleOff.value && (isManager.value || me.value?.key?.people === true));

const ofGuards: readonly RailName[] = ["live", "events", "actions", "settings"];
const ofManagers: readonly RailName[] = [...ofGuards, "statistics", "rules", "boxes"];
/** Pages about people: for managers, and for read keys that were made for them. */
const ofPeople: readonly RailName[] = ["people", "inside", "hours"];

/** The pages that the user may open, in the order of the rail. A read key has the pages that it always had. */
export const openPages = computed<readonly RailName[]>(() => {
  const open = isGuard.value ? ofGuards : role.value === "manager" ? ofManagers : railNames;
  return railNames.filter((name) => (ofPeople.includes(name) ? hasPeople.value : open.includes(name)));
});

const ofAdministrators: readonly Section[] = [
  "people",
  "sites",
  "keys",
  "alarms",
  "retention",
  "erase",
  "taught",
  "log",
];

/** The sections of Settings that the user may open: of the user, the administrator's for everyone, and of the server. */
export const openSections = computed<Record<"own" | "forEverybody" | "last", readonly Section[]>>(() => ({
  own: me.value?.account == null ? ["browser"] : ["you", "browser"],
  forEverybody: isAdmin.value ? ofAdministrators : [],
  last: ["about"],
}));
