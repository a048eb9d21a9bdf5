import { wordsOfPage } from "./of-page.ts";

/** The words of the question whether people at several boxes are the same, in both languages. */
const enAlike = {
  question: (n: number, site: string | null) =>
    `Several boxes${site === null ? "" : ` of ${site}`} know ${n === 1 ? "a person by the same id and name. Is it one person?" : `${n.toLocaleString("en")} people by the same id and name. Is each of them one person?`}`,
  yes: "Yes…",
  no: "No",
  yesTitle: "One id, one person?",
  yesWhy:
    "At all boxes of the site, an id then means one person: in People, Inside and Hours, also for past days. Closed months stay. An administrator can change it in Settings › Sites.",
  yesDo: "They are the same",
  same: "The boxes now share their people.",
  different: "They stay different people. You are not asked again.",
};

export const alikeWords = wordsOfPage<typeof enAlike>(enAlike, {
  question: (n, site) =>
    `${site === null ? "" : `${site}的`}多个盒子上有 ${n.toLocaleString("zh-CN")} 人的编号和姓名都相同。相同的是同一个人吗？`,
  yes: "是…",
  no: "不是",
  yesTitle: "同一编号是同一个人？",
  yesWhy:
    "此后在该站点的所有盒子上，同一编号是同一个人：人员、在场和考勤都如此，过去的日期也一样。已锁定的月份不变。管理员可在“设置 › 站点”中更改。",
  yesDo: "是同一个人",
  same: "这些盒子现在共用人员。",
  different: "仍作为不同的人。不再询问。",
});
