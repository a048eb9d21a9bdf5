/** A regular expression that is not linear, or not written as one, and why that is so. */
export interface Accepted {
  file: string;
  /** Null if it is put together while the program runs; `made` is then the result. */
  pattern: string | null;
  made?: string;
  /** What bounds the text that it is asked of. */
  because: string;
}

const address = { pattern: "\\/+$", because: "an address that the operator has written" };

/** Quadratic ones: each has a short text, or one that only an operator writes. None is exponential. */
export const acceptedExpressions: readonly Accepted[] = [
  ...[
    "packages/alerts/src/links.ts",
    "packages/bridge/src/acting/cloud-orders.ts",
    "packages/bridge/src/backfill/read-api.ts",
    "packages/bridge/src/cloud/cloud.ts",
    "packages/bridge/src/setup/terminal-setup.ts",
    "packages/cli/src/bridge/box-setup.ts",
    "packages/cli/src/connect.ts",
    "packages/cli/src/options.ts",
    "packages/cli/src/simulator/simulation.ts",
    "packages/client/src/client.ts",
    "packages/simulator/src/fleet.ts",
    "packages/simulator/src/gate.ts",
    "packages/simulator/src/terminals/terminal-box.ts",
  ].map((file) => ({ file, ...address })),
  {
    file: "packages/simulator/src/terminals/digest-guard.ts",
    pattern: '(\\w+)="?([^",]*)"?',
    because: "a header of a request to a simulated terminal, of 16 KB at most",
  },
  {
    file: "packages/embedded/src/bus/signature.ts",
    pattern: "=+$",
    because: "the secret of a rule, which an operator writes",
  },
  {
    file: "packages/embedded/src/jobs/exports.ts",
    pattern: "\\..*$",
    because: "names of files in a folder of Gatepost's own",
  },
  {
    file: "packages/core/src/arrivals/refusals.ts",
    pattern: "^\\/([^/]+).*$",
    because: "the paths of the routes, which are constants",
  },
  {
    file: "packages/aws/src/statistics/day-counts.ts",
    pattern: null,
    made: "^(?:\\d{1,2}[evbspu]:-?\\d+(?:@\\d{1,2})?(?:,-?\\d+(?:@\\d{1,2})?)*(?:;\\d{1,2}[evbspu]:-?\\d+(?:@\\d{1,2})?(?:,-?\\d+(?:@\\d{1,2})?)*)*)?$",
    because: "counts that Gatepost has written",
  },
  {
    file: "packages/core/src/keys/token.ts",
    pattern: null,
    made: "^gp[irao]_[\\w-]{27}",
    because: "begins at the first letter",
  },
  {
    file: "packages/core/src/keys/token.ts",
    pattern: null,
    made: "^gp[irao]_[\\w-]{20,124}$",
    because: "bounded itself",
  },
  {
    file: "packages/receive/src/decode/part-pictures.ts",
    pattern: null,
    made: String.raw`(\b(?:reg_pic|spot_pic|ir_pic)\\{0,7}["']\s{0,9}:\s{0,9}\\{0,7}["'])(?:cid:)?([^"'\\]{1,200})(?=["'\\])|(?<=["'])cid:([^"'\\]{1,200})(?=["'\\])`,
    because: "names that are constants, and each repetition is bounded",
  },
  {
    file: "packages/protocol/src/layouts.ts",
    pattern: null,
    made: String.raw`^(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4})[ T]\s{0,3}(?<hour>\d{1,2}):(?<minute>\d\d):(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?[ T]\s{0,3}(?<half>[AP])\.?M\.?$`,
    because: "each repetition is bounded, and a longer text is not looked at",
  },
  {
    file: "packages/protocol/src/name-words.ts",
    pattern: null,
    made: "(?:^| )(?:.*(?:device|door) ?(?:name|id)|(?:person|user) ?(?:id|no))$",
    because:
      "words that are constants; 64 characters of each of the last four names on a path, or 200 in all, are looked at",
  },
  {
    file: "packages/core/src/lists/parameters.ts",
    pattern: null,
    made: "^(pending|announced|withheld|done|failed)(,(pending|announced|withheld|done|failed))*$",
    because: "words that are constants",
  },
  {
    file: "packages/receive/src/samples/read.ts",
    pattern: String.raw`[\w+/=\\-]{1024,}`,
    because: "a search from a place ends after 1,024 characters if it finds nothing",
  },
  {
    file: "packages/receive/src/samples/texts.ts",
    pattern: String.raw`<!\[CDATA\[(?<section>[\s\S]*?)\]\]>|(?<kept><\?xml .*?\?>|<\/[^>]*>)|(?<other><!--[\s\S]*?-->|<[?!][^>]*>?)|<(?<element>[^\s>/]+)(?<attributes>[^>]*)>|(?<text>[^<]+|<)`,
    because: "at most 200 of its beginnings have no end, in a text of 512 KB at most",
  },
  {
    file: "packages/receive/src/samples/texts.ts",
    pattern: String.raw`([\w:.-]{1,64}\s{0,9}=\s{0,9}(?:"[^"]*"|'[^']*'))`,
    because: "each repetition before the quote is bounded, and the text between quotes is searched once",
  },
  {
    file: "packages/receive/src/samples/read.ts",
    pattern: null,
    made: "(crossTime|timestamp|userId|userName|identity_id|identity_name)",
    because: "a few names, with nothing repeated",
  },
  {
    file: "packages/receive/src/samples/stand-ins.ts",
    pattern: null,
    made: String.raw`(?<!\d)\d{4}-\d\d?-\d\d?(?!\d)|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|[0-9a-f]{1,12}(?:[:-]{1,2}[0-9a-f]{1,12}){3,7}|\p{L}+`,
    because: "each repetition is bounded, or has nothing behind it; a body has 512 KB at most",
  },
  {
    file: "packages/receive/src/samples/times.ts",
    pattern: null,
    made: String.raw`^(?<!\d)\d{4}-\d\d?-\d\d?(?:[T ]\d\d?:\d\d)?(?!\d)$`,
    because: "each repetition is bounded",
  },
  {
    file: "packages/protocol/src/secrets.ts",
    pattern: null,
    made: "^@?(?:(?:(?:door|user|admin)[_-]?)?(?:password|passwd|passcode|pwd)|pin[_-]?code)$",
    because: "words that are constants, and a longer name is not looked at",
  },
  {
    file: "packages/core/src/masking/secrets.ts",
    pattern: null,
    made: String.raw`(?<!\\)(\\{0,7})(["'])@?(?:password|pwd)\1\2\s{0,9}:\s{0,9}(?:\1\2|(-?\d[\d.e+-]{0,64}))`,
    because: "names that are constants, and each repetition is bounded; 64 KB are looked at in a turn",
  },
  {
    file: "packages/core/src/masking/secrets.ts",
    pattern: null,
    made: String.raw`(?<![a-z_-])(?:password|pwd)\s{0,9}=\s{0,9}(\\{0,7})(["'])`,
    because: "names that are constants, and each repetition is bounded; 64 KB are looked at in a turn",
  },
  {
    file: "packages/core/src/masking/secrets.ts",
    pattern: null,
    made: String.raw`(?:password|pwd)=((?:(?![;,&\s](?:amp;)?\s{0,3}[\w.%[\]-]{1,64}=)(?:[^\t\r\n"'<>\\]|'(?=\w))){1,1024})`,
    because: "names that are constants, and each repetition is bounded; 64 KB are looked at in a turn",
  },
];
