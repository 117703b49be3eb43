import { expect, test } from "vitest";
import { beforeText, reminderText, withOne } from "./reminders";

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
