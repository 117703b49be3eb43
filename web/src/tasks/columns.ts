// The columns of a table, so that somebody can say what is in them.

/** What a column may hold, as the server names it, and as people do. */
export const FIELDS = [
  ["title", "Title"],
  ["description", "Description"],
  ["due_at", "Due"],
  ["priority", "Priority"],
  ["effort_minutes", "Effort"],
  ["tags", "Tags"],
  ["project", "Project"],
  ["recurrence", "Repeats"],
  ["completed", "Done"],
  ["id", "Id, to know it again"],
] as const;

/** Which column holds which field; what is left out is found by its usual name, and "" is none. */
export type Mapping = Partial<Record<(typeof FIELDS)[number][0], string>>;

/** How much of a file is looked at for the line of names. */
const HEAD = 64 * 1024;
const COLUMNS = 100;

/** The names in the first line that is not empty, cut where its commas, semicolons or tabs are. */
export function columnsOf(text: string): string[] {
  const line = text.replace(/^\uFEFF/, "").split(/\r?\n/).find((line) => line.trim() !== "") ?? "";
  const times = (mark: string) => line.split(mark).length;
  const mark = [",", ";", "\t"].reduce((best, one) => (times(one) > times(best) ? one : best));
  const names: string[] = [];
  let name = "";
  let quoted = false;
  for (const char of line) {
    if (char === '"') quoted = !quoted;
    else if (char === mark && !quoted) {
      names.push(name.trim());
      name = "";
    } else name += char;
  }
  names.push(name.trim());
  return [...new Set(names.filter((one) => one !== ""))].slice(0, COLUMNS);
}

/** What the server takes for titles by itself. */
const TITLES = ["title", "task", "name", "subject", "content", "summary", "task name"];

/** Whether nobody but whoever chose the file can say which column holds the titles. */
export function needsTitle(columns: readonly string[], mapping: Mapping): boolean {
  return columns.length > 0 && mapping.title === undefined && !columns.some((name) => TITLES.includes(name.toLowerCase()));
}

/** The columns of a file; none where it is no table. */
export async function columnsIn(file: File): Promise<string[]> {
  if (!/\.(csv|tsv|txt)$/i.test(file.name) && file.type !== "text/csv") return [];
  return columnsOf(await file.slice(0, HEAD).text());
}
