// When a task is due, in words and in groups.
import { clock, date } from "../ui/format";

export const GROUPS = ["Overdue", "Today", "Tomorrow", "Within a week", "Later", "No date"] as const;
export type Group = (typeof GROUPS)[number];

/** Whole days from `now` to `at`, by the calendar of this browser. */
function daysUntil(at: Date, now: Date): number {
  const midnight = (day: Date) => Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
  return Math.round((midnight(at) - midnight(now)) / 86_400_000);
}

export function groupOf(due: string | null | undefined, now: Date): Group {
  if (due == null) return "No date";
  const at = new Date(due);
  if (at.getTime() < now.getTime()) return "Overdue";
  const days = daysUntil(at, now);
  if (days === 0) return "Today";
  if (days === 1) return "Tomorrow";
  return days < 7 ? "Within a week" : "Later";
}

/** "today 15:00", "Friday 09:00", "3 Mar 2026". */
export function dueText(due: string, now: Date): string {
  const at = new Date(due);
  const days = daysUntil(at, now);
  if (days === 0) return `today ${clock(due)}`;
  if (days === 1) return `tomorrow ${clock(due)}`;
  if (days === -1) return `yesterday ${clock(due)}`;
  if (days > 1 && days < 7) return `${new Intl.DateTimeFormat("en-GB", { weekday: "long" }).format(at)} ${clock(due)}`;
  return date(due);
}

/** The column beside one; nothing is moved into the past. */
export function neighbour(group: Group, step: 1 | -1): Group | null {
  const to = GROUPS[GROUPS.indexOf(group) + step];
  return to === undefined || to === "Overdue" ? null : to;
}

const AHEAD: Partial<Record<Group, number>> = { Today: 0, Tomorrow: 1, "Within a week": 3, Later: 7 };

/** When a task is due that is moved into a group: its time of day stays if it lies ahead, else it is the whole day. */
export function dueIn(group: Group, due: string | null | undefined, now: Date): string | null {
  const days = AHEAD[group];
  if (days === undefined) return null;
  const before = due == null ? null : new Date(due);
  const on = (hour: number, minute: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, minute);
  const at = before === null ? on(23, 59) : on(before.getHours(), before.getMinutes());
  return (at.getTime() > now.getTime() ? at : on(23, 59)).toISOString();
}
