import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noon } from "../../../contract/samples.ts";
import { FrappeServer } from "../../../standins/frappe.ts";
import { type ClockedRuntime, clockedRuntime, eventOf, minute, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let frappe: FrappeServer;
beforeEach(async () => {
  deps = await clockedRuntime();
  frappe = await new FrappeServer().listen();
  frappe.employ("HR-EMP-00001", "00042");
  await setTarget();
});
afterEach(async () => {
  await frappe.close();
  await deps.close();
});

const target = () => ({ type: "frappe", url: frappe.url, secret: frappe.secret, zone: "Asia/Shanghai" });
const setTarget = (others: object = {}) =>
  deps.setRules([{ ...rule("hours", ""), target: { ...target(), ...others } }]);

const person = { id: "00042", name: "小明", type: "employee" as const };

async function pass(n: number, told: Parameters<ClockedRuntime["announce"]>[2] = {}): Promise<string> {
  const entry = await deps.announce(`passing ${n}`, "1002", {
    person,
    time: noon + n * minute,
    receivedAt: noon + n * minute,
    ...told,
  });
  await deps.settle();
  return eventOf(entry);
}

const statesOf = async (event: string) =>
  [...(await deps.runtime.reads.deliveries.ofEvents([event])).values()]
    .flat()
    .map(({ state, reason }) => [state, reason]);

describe("a rule whose target is Frappe", () => {
  it("a passing becomes a check-in, by the clocks of Frappe, with gate and direction", async () => {
    await pass(0, { device: { ip: "10.0.0.7", name: "Gate S1", direction: "in" } });
    await pass(1, { device: { ip: "10.0.0.7", name: "Gate S1", direction: "out" } });
    await pass(2);
    const shared = { employee: "HR-EMP-00001" };
    expect(frappe.checkIns).toMatchObject([
      { ...shared, time: "2026-11-20 20:00:00", device_id: "Gate S1", log_type: "IN" },
      { ...shared, time: "2026-11-20 20:01:00", device_id: "Gate S1", log_type: "OUT" },
      { ...shared, time: "2026-11-20 20:02:00", log_type: null },
    ]);
  });

  it.each([
    ["name", "HR-EMP-00001"],
    ["employee_number", "N00042"],
  ])("an employee may be found by %s", async (employee, id) => {
    await setTarget({ employee });
    await pass(0, { person: { ...person, id } });
    expect(frappe.checkIns).toMatchObject([{ employee: "HR-EMP-00001" }]);
  });

  it("a check-in whose answer was lost is not written twice", async () => {
    frappe.losesAnswers = true;
    const event = await pass(0);
    expect(await statesOf(event)).toMatchObject([["waiting", expect.stringContaining("Frappe answered 502")]]);
    await deps.advance(minute);
    expect(frappe.checkIns).toHaveLength(1);
    expect(await statesOf(event)).toEqual([["delivered", undefined]]);
  });

  it("a check-in that another program writes at the same time counts as written", async () => {
    frappe.meanwhile = () => {
      const same = { employee: "HR-EMP-00001", time: "2026-11-20 20:00:00", device_id: null, log_type: null };
      frappe.checkIns.push({ name: "CKIN-1", ...same });
    };
    expect(await statesOf(await pass(0))).toEqual([["delivered", undefined]]);
    expect(frappe.checkIns).toHaveLength(1);
  });

  it.each([
    ["of a stranger", { person: { id: "1772366400.25", type: "stranger" as const } }, "no-check-in"],
    ["that a terminal denied", { result: "denied" as const }, "no-check-in"],
  ])("a passing %s is no check-in", async (_, told, reason) => {
    expect(await statesOf(await pass(0, told))).toEqual([["held", reason]]);
    expect(frappe.requests).toBe(0);
  });

  it("a passing of a person whom Frappe does not have becomes a dead letter", async () => {
    await pass(0, { person: { ...person, id: "7" } });
    await pass(1);
    expect(frappe.checkIns).toHaveLength(1);
    await deps.advance(15 * minute);
    const [letter] = await deps.deadLetters();
    expect(letter?.reason).toBe("Frappe has no employee with the id of this person as attendance_device_id");
  });

  it.each([
    ["a wrong secret", () => setTarget({ secret: "a:b" }), "Frappe answered 401: the key or its secret is wrong"],
    [
      "a missing permission",
      async () => {
        frappe.isAllowed = false;
      },
      "Frappe answered 403: the user of the key may",
    ],
    [
      "an employee who has left",
      async () => {
        for (const employee of frappe.employees) employee.status = "Inactive";
      },
      "Frappe answered 417: it refused the check-in (InactiveEmployeeStatusError)",
    ],
  ])("%s is explained, without a name", async (_, change, words) => {
    await change();
    expect(await statesOf(await pass(0))).toEqual([["waiting", expect.stringContaining(words)]]);
  });

  it("a test asks whose key it is, and writes nothing", async () => {
    expect(await deps.runtime.bus.ping("hours")).toMatchObject({ status: 200, reason: null });
    await setTarget({ secret: "a:b" });
    expect(await deps.runtime.bus.ping("hours")).toMatchObject({ status: 401 });
    expect(frappe.checkIns).toEqual([]);
  });

  it.each([
    [{ secret: undefined }, "target.secret"],
    [{ secret: "key" }, "target.secret: must be the key and the secret of a user, as key:secret"],
    [{ zone: "CST" }, "target.zone"],
    [{ employee: "email" }, "target.employee"],
    [{ template: "zh" }, "target"],
    [{ url: "https://hr.example/?a=b" }, "target.url"],
  ])("%j is refused", async (others, reason) => {
    await setTarget(others);
    const { faults } = await deps.runtime.reads.rules.read();
    expect(faults).toMatchObject([{ rule: "hours", reason: expect.stringContaining(reason) }]);
  });

  it("readers of rules see its settings without the secret", async () => {
    const { rules } = await deps.runtime.reads.rules.read();
    expect(rules[0]?.target).toEqual({
      type: "frappe",
      url: `${frappe.url}/`,
      zone: "Asia/Shanghai",
      employee: "attendance_device_id",
      headers: [],
      isSigned: true,
      allowPrivate: false,
    });
  });
});
