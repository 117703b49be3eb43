import { describe, expect, it } from "vitest";
import { dueIn, dueText, GROUPS, groupOf, neighbour } from "./due";

const now = new Date(2026, 2, 2, 10, 0);
const at = (day: number, hour: number) => new Date(2026, 2, day, hour).toISOString();

describe("a due time", () => {
  it("falls into a group of the calendar", () => {
    expect(groupOf(null, now)).toBe("No date");
    expect(groupOf(at(2, 9), now)).toBe("Overdue");
    expect(groupOf(at(2, 23), now)).toBe("Today");
    expect(groupOf(at(3, 1), now)).toBe("Tomorrow");
    expect(groupOf(at(8, 23), now)).toBe("Within a week");
    expect(groupOf(at(9, 0), now)).toBe("Later");
  });

  it("is told as people tell it", () => {
    expect(dueText(at(2, 15), now)).toBe("today 15:00");
    expect(dueText(at(3, 9), now)).toBe("tomorrow 09:00");
    expect(dueText(at(1, 9), now)).toBe("yesterday 09:00");
    expect(dueText(at(6, 9), now)).toBe("Friday 09:00");
    expect(dueText(at(20, 9), now)).toBe("20 Mar 2026");
  });

  it("moves between the groups of a board, and never into the past", () => {
    expect([neighbour("Today", -1), neighbour("Today", 1), neighbour("No date", 1)]).toEqual([null, "Tomorrow", null]);
    for (const group of GROUPS.slice(1)) {
      for (const due of [null, at(2, 9), at(2, 23), at(25, 8)]) expect(groupOf(dueIn(group, due, now), now)).toBe(group);
    }
    expect(dueIn("Tomorrow", at(20, 8), now)).toBe(at(3, 8));
    expect(dueIn("Today", at(20, 8), now)).toBe(new Date(2026, 2, 2, 23, 59).toISOString());
  });
});
