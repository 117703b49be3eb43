import { describe, expect, it } from "vitest";
import { SseParser } from "./sse";

describe("server-sent events", () => {
  it("come whole however the bytes are cut", () => {
    const text = 'id: 1\nevent: output\ndata: {"text":"a"}\n\n: alive\n\nid: 2\r\nevent: state\r\ndata: x\r\ndata: y\r\n\r\n';
    const whole = new SseParser().push(text);
    expect(whole).toEqual([
      { id: "1", event: "output", data: '{"text":"a"}' },
      { id: "2", event: "state", data: "x\ny" },
    ]);
    for (let cut = 0; cut <= text.length; cut += 1) {
      const parser = new SseParser();
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))], `cut at ${String(cut)}`).toEqual(whole);
    }
  });

  it("are messages without a name, keep the last id, and ignore comments and unknown fields", () => {
    const parser = new SseParser();
    expect(parser.push("\uFEFFid: 7\ndata: a\n\nfoo: bar\n:c\ndata:b\n\n")).toEqual([
      { id: "7", event: "message", data: "a" },
      { id: "7", event: "message", data: "b" },
    ]);
    expect(parser.lastEventId).toBe("7");
  });

  it("need data and an empty line: half an event is nothing", () => {
    const parser = new SseParser();
    expect(parser.push("id: 9\nevent: state\n\ndata: cut")).toEqual([]);
    expect(parser.push(" off\n")).toEqual([]);
    expect(parser.push("\n")).toEqual([{ id: "9", event: "message", data: "cut off" }]);
  });
});
