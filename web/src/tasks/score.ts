// What a task would score under other weights, from the parts that the server told. The server's word is final; this only
// shows, while a weight is being moved, where it leads.
import type { Ranked, Weights } from "../api/types";

const FLOOR = 90;

export function scoreUnder(ranked: Ranked, weights: Weights): number {
  const value = (factor: Ranked["reasons"][number]["factor"]) => ranked.reasons.find((reason) => reason.factor === factor)?.value ?? 0;
  const sum = value("urgency") * weights.urgency + value("priority") * weights.priority + value("effort") * weights.effort;
  const fit = ranked.reasons.find((reason) => reason.factor === "time_of_day")?.value ?? 1;
  const score = Math.round(sum * fit * 4) / 4;
  // Overdue and important: urgency 2 is told only of what is overdue.
  return value("urgency") === 2 && ranked.task.priority >= 3 ? Math.max(FLOOR, score) : score;
}

export function rankUnder(all: readonly Ranked[], weights: Weights): { ranked: Ranked; score: number; was: number }[] {
  return all
    .map((ranked, was) => ({ ranked, score: scoreUnder(ranked, weights), was }))
    .sort((a, b) => b.score - a.score || a.was - b.was);
}
