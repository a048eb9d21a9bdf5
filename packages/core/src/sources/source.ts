import * as z from "zod/mini";

/** Limits of `sources.json`. */
const limits = { sources: 100, topics: 32, topicBytes: 1024, fileLength: 4096 };

const sentence = (error: string) => ({ error });

const file = (what: string) =>
  z
    .string(sentence(`must be ${what}`))
    .check(z.minLength(1, sentence(`must be ${what}`)), z.maxLength(limits.fileLength));

/** A source of reports: topics of a broker of MQTT. */
const sourceSchema = z.strictObject({
  name: z
    .string(sentence("must be a name as front-door"))
    .check(
      z.regex(/^[\w.-]{1,64}$/, sentence("must be a name of up to 64 letters, digits, dots, hyphens and underscores")),
    ),
  mqtt: z
    .string(sentence("must be as mqtts://broker.example:8883"))
    .check(z.refine(isBroker, sentence("must be as mqtts://broker.example:8883, without a user or password"))),
  topics: z
    .array(
      z
        .string(sentence("must be a topic as doors/+/card"))
        .check(z.refine(isFilter, sentence("must be a topic as doors/+/card or doors/#"))),
      sentence("must be a list of topics"),
    )
    .check(
      z.minLength(1, sentence("must name a topic")),
      z.maxLength(limits.topics, sentence("may have 32 topics")),
      z.superRefine((topics, context) => {
        const twice = topics.flatMap((topic, at) => topics.slice(at + 1).filter((other) => overlap(topic, other)))[0];
        if (twice === undefined) return;
        const message = `${twice} takes messages that another topic takes: each would be delivered twice`;
        context.addIssue({ code: "custom", message });
      }),
    ),
  box: z
    .string(sentence("must be the name of a box"))
    .check(z.regex(/^[\p{L}\p{Nd}][\p{L}\p{Nd}._-]{0,63}$/u, sentence("must be the name of a box"))),
  username: z.exactOptional(z.string().check(z.maxLength(limits.topicBytes))),
  /** The id of the ingest key by which it delivers. Without it one is made. */
  key: z.exactOptional(z.string().check(z.regex(/^key_\w{1,64}$/, sentence("must be the id of a key as key_…")))),
  /** A file with the password, in the data folder or with a whole path. */
  passwordFile: z.exactOptional(file("the name of a file with the password")),
  /** The authority of the broker's certificate: as PEM, or a file of it. */
  ca: z.exactOptional(z.string().check(z.minLength(1), z.maxLength(64 * 1024))),
  /** Whether messages are delivered that the broker has kept from before. */
  retained: z.exactOptional(z.boolean()),
});

export type Source = z.output<typeof sourceSchema>;

/** The schema of `sources.json`. */
export const sourcesSchema = z.array(sourceSchema, sentence("must be a list of sources")).check(
  z.maxLength(limits.sources, sentence(`may have ${limits.sources} sources`)),
  z.refine((sources) => new Set(sources.map(({ name }) => name)).size === sources.length, sentence("has a name twice")),
);

function isBroker(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["mqtt:", "mqtts:"].includes(url.protocol) || url.hostname === "") return false;
  return (
    url.username === "" &&
    url.password === "" &&
    ["", "/"].includes(url.pathname) &&
    url.search === "" &&
    url.hash === ""
  );
}

/** Whether a text is a filter of topics: `+` is a whole level, `#` the last one. */
function isFilter(text: string): boolean {
  if (text === "" || text.includes("\0") || Buffer.byteLength(text) > limits.topicBytes) return false;
  const levels = text.split("/");
  return levels.every((level, at) => {
    if (level === "#") return at === levels.length - 1;
    return level === "+" || !/[+#]/.test(level);
  });
}

/** Whether a topic can be of both filters. A broker may send its message once for each. */
function overlap(one: string, other: string): boolean {
  const [levels, others] = [one.split("/"), other.split("/")];
  for (const [at, level] of levels.entries()) {
    const beside = others[at];
    if (level === "#" || beside === "#") return true;
    // `doors/#` takes `doors` as well.
    if (beside === undefined) return false;
    if (level !== "+" && beside !== "+" && level !== beside) return false;
  }
  return levels.length === others.length || others[levels.length] === "#";
}

/** The state of a source, for people. */
export interface SourceState {
  name: string;
  box: string;
  broker: string;
  topics: readonly string[];
  /** The id of the ingest key by which it delivers; null if none is made yet. */
  key: string | null;
  isConnected: boolean;
  /** Since when it is connected, or not; ms since 1970. Null if no server runs. */
  since: number | null;
  /** When its last message was delivered, ms since 1970; null for none since the start. */
  lastMessageAt: number | null;
  /** What is wrong, and what to do; null if all is well. */
  fault: string | null;
}

/** The sources of a runtime, and their states. */
export interface SourceReader {
  /** `fault`: why `sources.json` cannot be used, or the last good version of it is. */
  read(): Promise<{ sources: SourceState[]; fault: string | null }>;
}
