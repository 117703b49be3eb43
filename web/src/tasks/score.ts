// What a task would score under other settings, from the parts that the server told. The server's word is final; this only
// shows, while a weight is being moved, where it leads.
import type { Ranked, TimesOfDay, Weights } from "../api/types";

const FLOOR = 90;

const told = (ranked: Ranked, factor: Ranked["reasons"][number]["factor"]) => ranked.reasons.find((reason) => reason.factor === factor)?.value;

/** How the present time of day suits a task, as the server told. */
const fitTold = (ranked: Ranked) => told(ranked, "time_of_day") ?? 1;

/** The hour on a clock in a zone; nothing where there is no such zone. */
export function hourIn(zone: string, now: number): number | null {
  try {
    const hour = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", hourCycle: "h23" }).format(now);
    return Number(hour);
  } catch {
    return null;
  }
}

/** How an hour would suit a task if the parts of the day began at other hours. */
export function fitUnder(ranked: Ranked, times: TimesOfDay, hour: number | null): number {
  const wanted = ranked.task.preferred_time;
  if (wanted == null) return 1;
  if (hour === null) return fitTold(ranked);
  const parts = { morning: [times.morning, times.afternoon], afternoon: [times.afternoon, times.evening], evening: [times.evening, times.night] } as const;
  const [from, to] = parts[wanted];
  return from <= hour && hour < to ? 1.1 : 0.9;
}

export function scoreUnder(ranked: Ranked, weights: Weights, fit = fitTold(ranked)): number {
  const value = (factor: Ranked["reasons"][number]["factor"]) => told(ranked, factor) ?? 0;
  const sum = value("urgency") * weights.urgency + value("priority") * weights.priority + value("effort") * weights.effort;
  const score = Math.round(sum * fit * 4) / 4;
  // Overdue and important: urgency 2 is told only of what is overdue.
  return value("urgency") === 2 && ranked.task.priority >= 3 ? Math.max(FLOOR, score) : score;
}

export function rankUnder(all: readonly Ranked[], weights: Weights, fit: (ranked: Ranked) => number = fitTold): { ranked: Ranked; score: number; was: number }[] {
  return all
    .map((ranked, was) => ({ ranked, score: scoreUnder(ranked, weights, fit(ranked)), was }))
    .sort((a, b) => b.score - a.score || a.was - b.was);
}
