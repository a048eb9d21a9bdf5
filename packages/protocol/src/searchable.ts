/**
 * Rare characters of GBK, in the order of their codes (FE50 to FEA0). Before Unicode had them, they were decoded to the
 * private code points from U+E815, and some senders still do that.
 */
const rare = [
  ..."⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱",
  ..."䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻",
];
const firstTwin = 0xe815;
const twins = /[\uE815-\uE864]/g;
const ofTwin = (twin: string): string => String(rare[twin.charCodeAt(0) - firstTwin]);

/** Letters with a stroke, and ligatures, which Unicode does not take apart. */
const letters: Record<string, string> = {
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ŧ: "t",
  ı: "i",
  ς: "σ",
  æ: "ae",
  œ: "oe",
  ß: "ss",
  þ: "th",
};
const ofLetter = (letter: string): string => String(letters[letter]);
const likeLetters = /[øłđðħŧıςæœßþ]/g;

/** Accents of Latin, Greek and Cyrillic letters. In other scripts the marks are separate letters. */
const accents = /[\u0300-\u036f]/g;

/** Blanks, invisible characters, and the dots between the parts of a name. A line break separates texts. */
const unheard =
  /[\p{Z}\p{Default_Ignorable_Code_Point}\p{Cf}\u00b7\u2022\u2027\u2219\u22c5\u30fb\u0387]|(?!\n)\p{Cc}/gu;

/** Texts in which only letters of ASCII and blanks differ from their searched form: nearly all ids, and names in Chinese. */
const plain = /^[ -~\n\u4e00-\u9fff]*$/;

/**
 * A text as it is indexed and searched: every way to type a name gives the same text. Full-width and half-width
 * characters, cases and accents do not differ, nor do private code points of GBK from the characters that they
 * represent; and blanks and dots between the parts of a name do not count.
 *
 * @example searchable("ジョン・スミス") === searchable("ｼﾞｮﾝ ｽﾐｽ") && searchable("Éva ") === "eva"
 */
export function searchable(text: string): string {
  if (plain.test(text)) return text.toLowerCase().replaceAll(" ", "");
  return text
    .replaceAll(twins, ofTwin)
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replaceAll(accents, "")
    .normalize("NFKC")
    .replaceAll(likeLetters, ofLetter)
    .replaceAll(unheard, "");
}
