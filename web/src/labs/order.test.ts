import { describe, expect, it } from "vitest";
import { dropPlace, move, moveTask } from "./order";

const tasks = [
  { id: "b", position: 1 },
  { id: "a", position: 0 },
  { id: "c", position: 2 },
];
const ids = (list: readonly { id: string }[]) => list.map((one) => one.id).join("");

describe("order", () => {
  it("moves one and keeps the others' order", () => {
    expect(move(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
    expect(move(["a", "b", "c", "d"], 3, 0)).toEqual(["d", "a", "b", "c"]);
    expect(move(["a", "b"], 0, 99)).toEqual(["b", "a"]);
  });

  it("moves a task by position, numbering from zero", () => {
    const moved = moveTask(tasks, "c", 0);
    expect(ids(moved)).toBe("cab");
    expect(moved.map((one) => one.position)).toEqual([0, 1, 2]);
    expect(ids(moveTask(tasks, "unknown", 0))).toBe("abc");
  });

  it("keeps every task whatever is moved where", () => {
    for (let from = 0; from < 5; from += 1) {
      for (let to = -1; to < 7; to += 1) {
        const moved = move([0, 1, 2, 3, 4], from, to);
        expect([...moved].sort()).toEqual([0, 1, 2, 3, 4]);
        expect(moved[Math.max(0, Math.min(to, 4))]).toBe(from);
      }
    }
  });

  it("drops before the first row whose middle is below the pointer", () => {
    expect([5, 15, 24, 99].map((y) => dropPlace([10, 20, 30], y))).toEqual([0, 1, 2, 3]);
  });
});
