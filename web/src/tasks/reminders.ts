// Reminders as a form shows them: before a task is due, or at a time.
import type { ReminderState, Todo } from "../api/types";

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

/** What became of a reminder, in words; `moment` writes a point in time. */
export function stateText({ stage, at, sent_at, problem }: ReminderState, moment: (at: string) => string): string {
  switch (stage) {
    case "scheduled":
      return `Scheduled for ${moment(at)}`;
    case "posted":
      return `On its way since ${moment(at)}`;
    case "sent":
      return `Sent ${moment(sent_at ?? at)}`;
    case "failed":
      return `Not sent ${moment(at)}: ${problem ?? "the letter failed"}`;
    case "skipped":
      return `Left out ${moment(at)}: ${problem ?? "it was too late"}`;
  }
}

/** With one more, each once. */
export function withOne(all: readonly Reminder[], one: Reminder): Reminder[] {
  const there = all.some((other) => other.minutes_before === one.minutes_before && other.at === one.at);
  return there ? [...all] : [...all, one];
}
