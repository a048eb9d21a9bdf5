import { once } from "node:events";
import { connect, isIPv4 } from "node:net";
import { hourMs, secondMs } from "@gatepost/protocol";
import { inTime } from "../clock.ts";
import type { SubscribedTerminals } from "../relay/subscribed-terminals.ts";
import { BoxError } from "../se5/box-error.ts";
import type { SpooledRequest } from "../spool/request.ts";
import { TerminalFollower, type TerminalFollowerOptions } from "../terminals/follower.ts";
import { SignsOfLife } from "../terminals/signs.ts";
import { type TerminalAddress, TerminalHttp } from "../terminals/terminal-http.ts";
import { renew, subscribe } from "./subscription.ts";

/** ms between two renewals. A terminal that has restarted in between is not reached, or refuses the next one. */
const renewEveryMs = 20 * secondMs;
/** ms after which a subscription without an id, which cannot be renewed, is made again. */
const againAfterMs = hourMs / 2;
const connectMs = 15_000;

interface UniviewFollowerOptions extends TerminalFollowerOptions {
  subscribed: SubscribedTerminals;
  /** Writes a report into the spool and wakes the sender. */
  take(report: SpooledRequest, seen: null): Promise<void>;
}

/** Follows a terminal of Uniview: subscribes the relay to its verifications, and renews the subscription. */
export class UniviewFollower extends TerminalFollower {
  readonly #options: UniviewFollowerOptions;
  readonly #signs: SignsOfLife;

  constructor(options: UniviewFollowerOptions) {
    super(options);
    this.#options = options;
    this.#signs = new SignsOfLife(options.clock);
  }

  /**
   * Keeps a subscription until the signal aborts. The terminal still has it then: so it keeps what it cannot deliver while
   * the bridge restarts.
   */
  override async run(signal: AbortSignal): Promise<void> {
    const { box, subscribed } = this.#options;
    await super.run(signal);
    subscribed.remove(box);
  }

  /** Subscribes anew: after an interruption an id may be of the subscription of someone else. Ends by an error alone. */
  protected async session(signal: AbortSignal): Promise<void> {
    const { address, clock, log, box } = this.#options;
    const http = new TerminalHttp(address);
    const to = await this.#relayFor(signal);
    let id = await subscribe(http, to, signal);
    log.info("connected", { box, terminal: address.host, subscription: id });
    this.connected();
    while (!signal.aborted) {
      await this.#sign();
      await clock.sleep(id === null ? againAfterMs : renewEveryMs, signal);
      if (signal.aborted) return;
      if (id === null) id = await subscribe(http, to, signal);
      else await renew(http, id, signal);
      this.succeeded();
    }
  }

  /** The address of the relay for the terminal. Notes the terminal's own, from which it will post. */
  async #relayFor(signal: AbortSignal): Promise<{ address: string; port: number }> {
    const { address, subscribed, box } = this.#options;
    const { relay } = subscribed;
    if (relay === null) throw new BoxError("the bridge has no relay to which the terminal could post");
    const { local, remote } = await endsTo(address, signal);
    subscribed.set(box, remote);
    return { address: isIPv4(relay.host) && relay.host !== "0.0.0.0" ? relay.host : local, port: relay.port };
  }

  /** Sends a sign of life, as the terminal itself does if its platform is set. */
  async #sign(): Promise<void> {
    const { box, take } = this.#options;
    if (this.#signs.isDue()) await take({ box, ...heartbeat }, null);
  }
}

const heartbeat = {
  path: "/LAPI/V1.0/PACS/Controller/HeartReportInfo",
  contentType: "application/json",
  contentEncoding: null,
  body: Buffer.from(JSON.stringify({ RefId: "", DeviceCode: "" })),
} as const;

/** The addresses of this machine and of a terminal on the network between them. Subscriptions know IPv4 alone. */
function endsTo({ host, port }: TerminalAddress, signal: AbortSignal): Promise<{ local: string; remote: string }> {
  return inTime(connectMs, signal, async (until) => {
    const socket = connect({ host, port, family: 4 });
    try {
      await once(socket, "connect", { signal: until });
      return { local: socket.localAddress ?? "", remote: socket.remoteAddress ?? "" };
    } finally {
      socket.destroy();
    }
  });
}
