import { expect, test } from "vitest";
import { beforeText, reminderText, stateText, withOne } from "./reminders";

test("times before are told in the largest whole unit", () => {
  const said = [0, 1, 30, 60, 90, 120, 1440, 2880, 10_080, 20_160].map(beforeText);
  expect(said).toEqual([
    "When it is due",
    "1 minute before",
    "30 minutes before",
    "1 hour before",
    "90 minutes before",
    "2 hours before",
    "1 day before",
    "2 days before",
    "1 week before",
    "2 weeks before",
  ]);
});

test("a reminder is one of two, and each is there once", () => {
  const at = new Date(2026, 0, 5, 9, 30).toISOString();
  expect(reminderText({ minutes_before: 30 })).toBe("30 minutes before");
  expect(reminderText({ at })).toContain("5 Jan 2026");
  const one = withOne([{ minutes_before: 30 }], { minutes_before: 30 });
  expect(one).toEqual([{ minutes_before: 30 }]);
  expect(withOne(one, { at })).toHaveLength(2);
});

test("each reminder says what became of it", () => {
  const one = { at: "2026-01-05T10:00:00Z", sent_at: null, problem: null };
  const said = (more: Partial<Parameters<typeof stateText>[0]>) => stateText({ ...one, stage: "scheduled", ...more }, (at) => at.slice(11, 16));
  expect(said({})).toBe("Scheduled for 10:00");
  expect(said({ stage: "posted" })).toBe("On its way since 10:00");
  expect(said({ stage: "sent", sent_at: "2026-01-05T10:01:00Z" })).toBe("Sent 10:01");
  expect(said({ stage: "failed", problem: "no mail here" })).toBe("Not sent 10:00: no mail here");
  expect(said({ stage: "skipped", problem: "too late" })).toBe("Left out 10:00: too late");
});
