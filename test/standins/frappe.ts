import { type RobotAnswer, type RobotRequest, WebStandIn } from "./channels/web.ts";

interface Employee {
  name: string;
  attendance_device_id: string;
  employee_number: string;
  status: "Active" | "Inactive";
}

interface CheckIn {
  name: string;
  employee: string;
  time: string;
  device_id: string | null;
  log_type: string | null;
}

/**
 * A Frappe with HR, as its documents say: https://docs.frappe.io/framework/user/en/api/rest. It refuses a second check-in
 * of the same employee and time.
 */
export class FrappeServer extends WebStandIn {
  readonly secret = "5c0e1d2b4a69787:f3a1b2c3d4e5f60";
  readonly employees: Employee[] = [];
  readonly checkIns: CheckIn[] = [];
  /** Whether the user of the key may create check-ins. */
  isAllowed = true;
  /** Runs before a check-in is looked at: another program may write at the same time. */
  meanwhile = () => {};
  /** Whether a check-in is stored, and its answer is lost. */
  losesAnswers = false;

  constructor() {
    super((request) => this.#answer(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  employ(name: string, id: string, status: Employee["status"] = "Active"): void {
    this.employees.push({ name, attendance_device_id: id, employee_number: `N${id}`, status });
  }

  #answer({ method, url, headers, body }: RobotRequest): RobotAnswer {
    if (headers.authorization !== `token ${this.secret}`) return refusal(401, "AuthenticationError");
    const path = decodeURIComponent(url.pathname);
    const kind = /^\/api\/resource\/(.+)$/.exec(path)?.[1];
    if (kind !== "Employee" && kind !== "Employee Checkin") return refusal(404, "DoesNotExistError");
    if (method === "POST") return this.#create(JSON.parse(body.toString()));
    const filters = JSON.parse(url.searchParams.get("filters") ?? "[]") as [string, string, string][];
    const all: readonly object[] = kind === "Employee" ? this.employees : this.checkIns;
    const found = all.filter((one) =>
      filters.every(([name, is, value]) => is === "=" && memberOf(one, name) === value),
    );
    const limit = Number(url.searchParams.get("limit_page_length") ?? 20);
    return { body: { data: found.slice(0, limit).map((one) => ({ name: memberOf(one, "name") })) } };
  }

  #create({ employee, time, device_id = null, log_type = null }: Omit<CheckIn, "name">): RobotAnswer {
    if (!this.isAllowed) return refusal(403, "PermissionError");
    this.meanwhile();
    const known = this.employees.find(({ name }) => name === employee);
    if (known === undefined) return refusal(417, "LinkValidationError");
    if (known.status !== "Active") return refusal(417, "InactiveEmployeeStatusError");
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time) || !["IN", "OUT", null].includes(log_type)) {
      return refusal(417, "ValidationError");
    }
    if (this.checkIns.some((one) => one.employee === employee && one.time === time)) {
      return refusal(417, "ValidationError", `This employee already has a log with the same timestamp.`);
    }
    const checkIn = { name: `CKIN-${this.checkIns.length + 1}`, employee, time, device_id, log_type };
    this.checkIns.push(checkIn);
    return this.losesAnswers ? { status: 502, body: {} } : { body: { data: checkIn } };
  }
}

function memberOf(of: object, name: string): unknown {
  return Object.entries(of).find(([key]) => key === name)?.[1];
}

function refusal(status: number, type: string, message = ""): RobotAnswer {
  return { status, body: { exc_type: type, _server_messages: JSON.stringify([JSON.stringify({ message })]) } };
}
