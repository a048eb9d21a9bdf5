import { isOverInternet, post, type Timeouts } from "@gatepost/alerts";
import { countedTime } from "@gatepost/core/people";
import { jsonIn } from "@gatepost/protocol";
import * as z from "zod";
import { type FrappeTarget, isRefusal } from "./target.ts";

/** The result of one try to write a check-in. `held`: the entry makes no check-in. */
interface CheckIn {
  failure: string | null;
  isRefused: boolean;
  status: number | null;
  retryAfterMs?: number;
  held?: "no-check-in" | "clock";
}

interface Deps extends Timeouts {
  allowPrivateTargets: boolean;
}

const entry = z.object({ "detail-type": z.string(), detail: z.object({ event: z.unknown() }) });

/** The parts of an event that a check-in needs. */
const passing = z.object({
  timestamp: z.number(),
  receivedAt: z.string(),
  flags: z.array(z.string()),
  result: z.string().nullable(),
  person: z.object({ id: z.string().nullable(), type: z.string() }),
  box: z.object({ id: z.string() }),
  device: z.object({ name: z.string().nullable(), label: z.string().nullable(), direction: z.string().nullable() }),
});

const found = z.object({ data: z.array(z.object({ name: z.string() })) });
const refusal = z.object({ exc_type: z.string() });

/** Why Frappe did not do it, by its status. */
const faults = new Map([
  [401, "the key or its secret is wrong"],
  [403, "the user of the key may not read Employee, or not read and create Employee Checkin"],
  [404, "there is no Frappe with HR at this address"],
]);

/**
 * Writes an entry about a passing as an Employee Checkin of Frappe HR, at least once. Frappe refuses a second one of the
 * same employee and time, so it is looked for before, and after a refusal. Throws if there was no answer.
 *
 * @param body the entry as JSON
 */
export async function checkIn(body: string, target: FrappeTarget, deps: Deps): Promise<CheckIn> {
  const frappe = new Frappe(target, deps);
  const read = entry.parse(JSON.parse(body));
  // A test writes nothing. It asks whose key it is.
  if (read["detail-type"] === "Gatepost Test") return frappe.test();
  const event = passing.safeParse(read.detail.event).data;
  const id = event?.person.id ?? null;
  if (event === undefined || id === null || event.person.type === "stranger" || event.result === "denied") {
    return { ...taken, held: "no-check-in" };
  }
  // Hours must not rest on a time that no one knows.
  if (event.flags.includes("clock")) return { ...taken, held: "clock" };
  const { name, label, direction } = event.device;
  return frappe.write(id, {
    time: target.zone.text(countedTime(event)).slice(0, 19).replace("T", " "),
    device_id: label ?? name ?? event.box.id,
    ...(direction === null ? {} : { log_type: direction === "in" ? "IN" : "OUT" }),
  });
}

const taken = { failure: null, isRefused: false, status: null };

interface Fields {
  /** By the clocks of Frappe's server, as `2026-11-05 08:54:00`. */
  time: string;
  device_id: string;
  log_type?: "IN" | "OUT";
}

/** The REST API of a Frappe: https://docs.frappe.io/framework/user/en/api/rest */
class Frappe {
  readonly #target: FrappeTarget;
  readonly #deps: Deps;

  constructor(target: FrappeTarget, deps: Deps) {
    this.#target = target;
    this.#deps = deps;
  }

  async test(): Promise<CheckIn> {
    const reply = await this.#ask("GET", "api/method/frappe.auth.get_logged_user");
    return reply.status === 200 ? { ...taken, status: 200 } : failed(reply);
  }

  async write(person: string, fields: Fields): Promise<CheckIn> {
    const { employee: field } = this.#target;
    const employees = await this.#list("Employee", [[field, "=", person]]);
    if ("failure" in employees) return employees;
    const [employee, ...others] = employees.names;
    if (employee === undefined || others.length > 0) {
      const count = employee === undefined ? "no employee" : "several employees";
      return { failure: `Frappe has ${count} with the id of this person as ${field}`, isRefused: true, status: 200 };
    }
    const same = [
      ["employee", "=", employee],
      ["time", "=", fields.time],
    ] as const;
    const before = await this.#list("Employee Checkin", same);
    if ("failure" in before) return before;
    if (before.names.length > 0) return { ...taken, status: 200 };
    const reply = await this.#ask("POST", resource("Employee Checkin"), { employee, ...fields });
    if (reply.status >= 200 && reply.status < 300) return { ...taken, status: reply.status };
    if (isRefusal(reply.status)) {
      const after = await this.#list("Employee Checkin", same);
      if ("names" in after && after.names.length > 0) return { ...taken, status: 200 };
    }
    return failed(reply);
  }

  /** The names of at most two documents. */
  async #list(
    kind: string,
    filters: readonly (readonly [string, string, string])[],
  ): Promise<{ names: string[] } | CheckIn> {
    const query = new URLSearchParams({ filters: JSON.stringify(filters), fields: '["name"]', limit_page_length: "2" });
    const reply = await this.#ask("GET", `${resource(kind)}?${query}`);
    if (reply.status !== 200) return failed(reply);
    const { data } = found.safeParse(jsonIn(reply.text));
    if (data !== undefined) return { names: data.data.map(({ name }) => name) };
    return { failure: "the answer is not one of Frappe; is the URL right?", isRefused: false, status: 200 };
  }

  #ask(method: "GET" | "POST", path: string, body?: object) {
    const { url, secret, allowPrivate } = this.#target;
    const headers = {
      authorization: `token ${secret}`,
      accept: "application/json",
      "user-agent": "gatepost",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    return post(
      {
        url: new URL(path, `${url}`.replace(/\/?$/, "/")),
        method,
        headers,
        body: body === undefined ? "" : JSON.stringify(body),
        isEncryptedTo: isOverInternet,
        allowPrivate: allowPrivate || this.#deps.allowPrivateTargets,
      },
      this.#deps,
    );
  }
}

const resource = (kind: string) => `api/resource/${encodeURIComponent(kind)}`;

/** The words name the kind of the refusal and no text of Frappe, which may name the employee. */
function failed({ status, text, retryAfterMs }: Awaited<ReturnType<typeof post>>): CheckIn {
  const kind = refusal.safeParse(jsonIn(text)).data?.exc_type ?? "";
  const said = /^\w{1,60}$/.test(kind) ? ` (${kind})` : "";
  const words = faults.get(status) ?? (isRefusal(status) ? "it refused the check-in" : "it cannot take it now");
  return { failure: `Frappe answered ${status}: ${words}${said}`, isRefused: isRefusal(status), status, retryAfterMs };
}
