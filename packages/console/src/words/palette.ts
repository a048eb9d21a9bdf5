import { enPalette, type PaletteWords } from "./en-palette.ts";
import { wordsOfPage } from "./of-page.ts";

const zhPalette: PaletteWords = {
  title: "查找",
  label: "查找人员、盒子、页面或时间",
  placeholder: "人员、盒子、页面、14:05、昨天 8:30",
  found: "结果",
  groups: { people: "人员", go: "前往", boxes: "盒子", views: "视图", do: "操作", events: "通行记录" },
  choose: "选择",
  open: "打开",
  passings: "其通行记录",
  nothing: (text) => `没有“${text}”。按回车在通行记录中搜索。`,
  search: (text) => `在通行记录中搜索“${text}”`,
  eventsAt: (when) => `通行记录，${when}`,
  event: "此编号的通行记录",
  liveList: "实时列表",
  print: "打印本页",
  goOn: "继续",
  otherNames: {
    live: ["Live"],
    events: ["Events"],
    actions: ["Actions"],
    people: ["People"],
    inside: ["Inside"],
    hours: ["Hours"],
    statistics: ["Statistics"],
    rules: ["Rules"],
    boxes: ["Boxes"],
    problems: ["Problems"],
    settings: ["Settings"],
    "live-list": ["Live list"],
    screen: ["Screen mode"],
    pause: ["Pause"],
    full: ["Full screen"],
    print: ["Print"],
    keyboard: ["Keyboard"],
    theme: ["Theme"],
    language: ["English"],
    "sign-out": ["Sign out"],
  },
};

/** The words of the palette, in the language of the page. */
export const paletteWords = wordsOfPage(enPalette, zhPalette);
