/** Texts of which each body of a terminal with templates has one. */
const signs = [
  ...["FeatureList", "CardInfoList", "TMP=", "Tmp=", "tmp=", "Content=", "content=", "template="],
  ...["Passwd=", "password="],
];

/** A member with a template or with data of an identity card, in JSON, also without its end. */
const members =
  /"(Feature|IdentityNo|IDCardNo|ResidentialAddress|Birthday|IDNumber)"\s{0,9}:\s{0,9}"[^"]*"?|"(IDImage)"\s{0,9}:\s{0,9}\{[^{}]*\}?/g;

/** The cards of a passing: which of them is an identity card, and so all of whose members are, is not read here. */
const cards = /"CardInfoList"\s{0,9}:\s{0,9}[[{][^\]]*/g;

/**
 * The lines of terminals of ZKTeco with templates, by their first words and the name of the template. The bytes of a
 * picture may begin a line with such a word by chance.
 */
const lines =
  /^(FP|FACE(?:V7)?|BIODATA|BIOPHOTO|USERPIC|FINGERTMP|FVEIN|TEMPLATE(?:V10)?)\b.*(?:TMP|Content|template)=[^\r\n]*/gim;

/** The lines of users, and the password and the card in them. */
const users = /^USER\b[^\r\n]*/gim;
const secrets = /\b(Passwd|password|Card|cardno|ViceCard)=[^\t\r\n]*/g;

/**
 * A body that is kept as it was sent, without the templates of terminals in it. The same bytes if it has none, as nearly
 * every body.
 */
export function withoutTemplateText(bytes: Buffer): Buffer {
  if (!signs.some((sign) => bytes.includes(sign))) return bytes;
  const text = bytes
    .toString("latin1")
    .replaceAll(members, (_, text?: string, object?: string) =>
      text === undefined ? `"${object}":{}` : `"${text}":""`,
    )
    .replaceAll(cards, '"CardInfoList":[')
    .replaceAll(lines, "$1")
    .replaceAll(users, (line) => line.replaceAll(secrets, "$1="));
  return Buffer.from(text, "latin1");
}
