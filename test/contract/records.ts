import { isLong } from "../support/seeded.ts";
import { accountsContract } from "./accounts.ts";
import { alertRowsContract } from "./alert-rows.ts";
import { auditLogContract } from "./audit-log.ts";
import { boxStatusesContract } from "./box-statuses.ts";
import { boxStoreContract } from "./boxes.ts";
import { companyContract } from "./company.ts";
import { factorPolicyContract } from "./factor-policy.ts";
import { factorsContract } from "./factors.ts";
import type { OpenedItems } from "./items.ts";
import { jobsContract } from "./jobs.ts";
import { keyLimitsContract } from "./key-limits.ts";
import { keysContract } from "./keys.ts";
import { passkeysContract } from "./passkeys.ts";
import { peopleRecordsContract } from "./people-records.ts";
import { pushContract } from "./push.ts";
import { removalsContract } from "./removals.ts";
import { replayedContract } from "./replayed.ts";
import { rollsContract } from "./rolls.ts";
import { sitesContract } from "./sites.ts";
import { unknownTerminalsContract } from "./unknown-terminals.ts";
import { viewsContract } from "./views.ts";

/** The suites of all capabilities that are written once over the record store. Each driver runs them. */
export function recordsContracts(name: string, open: () => Promise<OpenedItems>): void {
  const ofPeople = [
    accountsContract,
    factorsContract,
    factorPolicyContract,
    passkeysContract,
    companyContract,
    sitesContract,
    viewsContract,
    pushContract,
    peopleRecordsContract,
    rollsContract,
  ];
  const contracts = [alertRowsContract, auditLogContract, boxStatusesContract, removalsContract, jobsContract];
  const ofReports = [replayedContract, unknownTerminalsContract];
  const ofKeys = [keysContract, keyLimitsContract];
  for (const contract of [...contracts, ...ofReports, ...ofKeys, ...ofPeople]) contract(name, open);
  boxStoreContract(name, open, { skipsIdle: name.startsWith("DynamoDB") && !isLong });
}
