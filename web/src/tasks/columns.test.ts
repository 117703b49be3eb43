import { expect, test } from "vitest";
import { columnsIn, columnsOf, needsTitle } from "./columns";

test("the first line names the columns, whatever stands between them", () => {
  expect(columnsOf("What,When\nx,y")).toEqual(["What", "When"]);
  expect(columnsOf('\uFEFF\r\n"What, exactly";Wann ;;What\r\n')).toEqual(["What, exactly", "Wann", "What"]);
  expect(columnsOf("a\tb, c\td")).toEqual(["a", "b, c", "d"]);
  expect(columnsOf("")).toEqual([]);
});

test("a table without a usual name asks where its titles are", () => {
  expect(needsTitle(["What", "When"], {})).toBe(true);
  expect(needsTitle(["What", "When"], { title: "What" })).toBe(false);
  expect(needsTitle(["Task Name", "When"], {})).toBe(false);
  expect(needsTitle([], {})).toBe(false);
});

test("only tables have columns", async () => {
  expect(await columnsIn(new File(["{}"], "x.json", { type: "application/json" }))).toEqual([]);
  expect(await columnsIn(new File(["a;b"], "x.csv"))).toEqual(["a", "b"]);
});
