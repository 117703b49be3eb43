import { describe, expect, it } from "vitest";
import type { Ranked } from "../api/types";
import { fitUnder, hourIn, rankUnder, scoreUnder } from "./score";

function ranked(title: string, priority: number, parts: Partial<Record<Ranked["reasons"][number]["factor"], number>>): Ranked {
  const reasons = Object.entries(parts).map(([factor, value]) => ({ factor, value, points: 0, text: "" }));
  return { task: { title, priority }, score: 0, reasons, recommendation: "" } as unknown as Ranked;
}

const usual = { urgency: 40, priority: 10, effort: 10 };

describe("a score under other weights", () => {
  it("is the formula", () => {
    expect(scoreUnder(ranked("a", 3, { urgency: 0.75, priority: 3, effort: 0.75 }), usual)).toBe(67.5);
    expect(scoreUnder(ranked("a", 5, { priority: 5, time_of_day: 1.1 }), usual)).toBe(55);
  });

  it("is never less than 90 for what is overdue and important", () => {
    const light = { urgency: 1, priority: 1, effort: 1 };
    expect(scoreUnder(ranked("a", 3, { urgency: 2, priority: 3 }), light)).toBe(90);
    expect(scoreUnder(ranked("a", 2, { urgency: 2, priority: 2 }), light)).toBe(4);
  });

  it("knows the hour of a zone", () => {
    const nine = Date.parse("2026-01-05T09:30:00Z");
    expect([hourIn("UTC", nine), hourIn("Asia/Tokyo", nine), hourIn("Europe/Berl", nine)]).toEqual([9, 18, null]);
    expect(hourIn("UTC", Date.parse("2026-01-05T00:10:00Z"))).toBe(0);
  });

  it("follows the times of the day", () => {
    const times = { morning: 6, afternoon: 12, evening: 18, night: 22 };
    const at = (hour: number | null, preferred_time: string | null, told = 1.1) => {
      const one = ranked("a", 3, { time_of_day: told });
      return fitUnder({ ...one, task: { ...one.task, preferred_time } } as Ranked, times, hour);
    };
    expect([at(11, "morning"), at(12, "morning"), at(12, "afternoon"), at(21, "evening"), at(22, "evening")]).toEqual([1.1, 0.9, 1.1, 1.1, 0.9]);
    expect([at(9, null), at(null, "morning")]).toEqual([1, 1.1]);
  });

  it("changes the order", () => {
    const all = [ranked("due", 1, { urgency: 1, priority: 1 }), ranked("important", 5, { priority: 5 })];
    const order = (weights: typeof usual) => rankUnder(all, weights).map((one) => one.ranked.task.title);
    expect([order(usual), order({ ...usual, urgency: 0 })]).toEqual([["due", "important"], ["important", "due"]]);
  });
});
