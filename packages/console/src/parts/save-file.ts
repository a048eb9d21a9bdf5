/** ms until the browser surely has the file. */
const takenMs = 10_000;

/** Saves a file as if it was downloaded. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), takenMs);
}

/** Saves a table that Excel and WPS open. */
export const saveCsv = (name: string, csv: string): void => saveFile(name, new Blob([csv], { type: "text/csv" }));
