import { pick, seeded, whole } from "./random.ts";

const skins = ["#f1c9a5", "#d9a47a", "#b97f56", "#8a5a3b", "#f6d7be"] as const;
const hairs = ["#20160f", "#4b3322", "#8c6a3f", "#b8b8b8", "#111"] as const;
const shirts = ["#2f4b7c", "#7c2f3d", "#3b7c2f", "#d8d8d0", "#3a3a3a"] as const;
const walls = ["#a8a79c", "#8e9aa3", "#b3a790"] as const;

/** An invented face, in a box of 100 by 130; the same for the same look. */
function face(look: number): string {
  const random = seeded(look + 1);
  const [skin, hair, shirt] = [pick(skins, random), pick(hairs, random), pick(shirts, random)];
  const [width, eyes, mouth] = [whole(25, 32, random), whole(50, 56, random), whole(76, 84, random)];
  const eye = (x: number) =>
    `<ellipse cx="${x}" cy="${eyes}" rx="5" ry="3" fill="#fff"/><circle cx="${x}" cy="${eyes}" r="2.4" fill="#222"/>`;
  const glasses = `<g fill="none" stroke="#333"><circle cx="39" cy="${eyes}" r="8"/><circle cx="61" cy="${eyes}" r="8"/></g>`;
  return `<path d="M5 130 Q50 90 95 130 Z" fill="${shirt}"/>
<rect x="42" y="85" width="16" height="22" fill="${skin}"/>
<ellipse cx="50" cy="46" rx="${width + 5}" ry="42" fill="${hair}"/>
<ellipse cx="50" cy="58" rx="${width}" ry="37" fill="${skin}"/>
${eye(39)}${eye(61)}${random() < 0.3 ? glasses : ""}
<path d="M50 ${eyes + 4} l-4 14 h7" fill="none" stroke="#0004"/>
<path d="M41 ${mouth} q9 ${whole(2, 8, random)} 18 0" fill="none" stroke="#933" stroke-width="2"/>`;
}

/** A portrait as SVG, as of a registered picture or a face cut out of a scene. */
export function portrait(look: number, width: number, height: number): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 100 130"
preserveAspectRatio="xMidYMid slice"><rect x="-50" width="200" height="130" fill="#9aa7ad"/>${face(look)}</svg>`;
}

/** A scene as SVG: an entrance with one person in it. */
export function scene(look: number, width: number, height: number): string {
  const random = seeded(look + 7);
  const [x, wall] = [whole(500, 1100, random), pick(walls, random)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 1920 1080">
<rect width="1920" height="760" fill="${wall}"/><rect y="760" width="1920" height="320" fill="#6f6a62"/>
<rect x="${x - 420}" y="120" width="320" height="640" fill="#5b6f7c"/><rect x="1500" y="200" width="260" height="180" fill="#dfe6ea"/>
<rect x="${x - 120}" y="640" width="560" height="440" rx="160" fill="#2d3440"/>
<svg x="${x}" y="260" width="320" height="416" viewBox="0 0 100 130">${face(look)}</svg></svg>`;
}
