/** The text with another letter at a place, for certain. Negative places count from the end. */
export function changedAt(text: string, place: number): string {
  return [...text].with(place, text.at(place) === "A" ? "B" : "A").join("");
}
