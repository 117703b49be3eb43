// Reminders as a form shows them: before a task is due, or at a time.
import type { Todo } from "../api/types";

export type Reminder = Todo["reminders"][number];

/** Most of one task. */
export const MOST = 5;

/** What is usually chosen, in minutes. */
export const USUAL = [0, 10, 30, 60, 120, 1440, 2880, 10_080] as const;

const UNITS = [
  [10_080, "week"],
  [1440, "day"],
  [60, "hour"],
  [1, "minute"],
] as const;

/** How long before, in the largest whole unit. */
export function beforeText(minutes: number): string {
  if (minutes === 0) return "When it is due";
  const [size, unit] = UNITS.find(([size]) => minutes % size === 0) ?? [1, "minute"];
  const number = minutes / size;
  return `${String(number)} ${unit}${number === 1 ? "" : "s"} before`;
}

/** A reminder in words, on this browser's clock. */
export function reminderText(reminder: Reminder): string {
  if (reminder.minutes_before != null) return beforeText(reminder.minutes_before);
  if (reminder.at == null) return "";
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(new Date(reminder.at));
}

/** With one more, each once. */
export function withOne(all: readonly Reminder[], one: Reminder): Reminder[] {
  const there = all.some((other) => other.minutes_before === one.minutes_before && other.at === one.at);
  return there ? [...all] : [...all, one];
}
