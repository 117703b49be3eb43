// Numbers and times as people read them. English, fixed: the words around them are English too.

const LOCALE = "en-GB";

/** 1536 → "1.5 kB". Decimal units, as file managers count. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, "")} ${units[unit] ?? "B"}`;
}

/** Memory in MiB, as limits are set. */
export function memory(count: number): string {
  const mib = count / 1_048_576;
  return `${mib >= 10 ? mib.toFixed(0) : mib.toFixed(1)} MiB`;
}

/** 850 → "850 ms", 1530 → "1.5 s", 75000 → "1 min 15 s". */
export function duration(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${String(Math.floor(seconds / 60))} min${rest === 0 ? "" : ` ${String(rest)} s`}`;
}

export function ago(at: string, now: number): string {
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  if (seconds < 45) return seconds < -45 ? fullTime(at) : "just now";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${String(hours)} h ago`;
  const days = Math.round(hours / 24);
  if (days < 7) return days === 1 ? "yesterday" : `${String(days)} days ago`;
  return date(at);
}

export function date(at: string): string {
  return new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" }).format(new Date(at));
}

export function fullTime(at: string): string {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

export function clock(at: string): string {
  return new Intl.DateTimeFormat(LOCALE, { timeStyle: "short" }).format(new Date(at));
}

export function count(many: number, one: string, more = `${one}s`): string {
  return `${String(many)} ${many === 1 ? one : more}`;
}
