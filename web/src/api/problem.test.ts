import { describe, expect, it } from "vitest";
import { advice, asProblem, problemFrom, sentence } from "./problem";

const document = {
  type: "about:blank",
  title: "Invalid",
  status: 422,
  detail: "the input is not acceptable",
  code: "invalid",
  request_id: "r-1",
  errors: [{ pointer: "/email", detail: "is no address" }, "nonsense"],
};

describe("problems", () => {
  it("are read whole, with the sentence for each field", () => {
    const problem = problemFrom(422, document);
    expect(problem).toMatchObject({ status: 422, code: "invalid", message: "the input is not acceptable", requestId: "r-1" });
    expect(problem.field("email")).toBe("is no address");
    expect(problem.field("password")).toBeUndefined();
  });

  it("are made of anything else too, keeping the request id of the header", () => {
    const headers = new Headers({ "x-request-id": "r-2", "retry-after": "7" });
    const problem = problemFrom(429, "<html>", headers);
    expect(problem).toMatchObject({ status: 429, code: "unexpected_answer", requestId: "r-2", retryAfter: 7 });
    expect(advice(problem)).toBe("Wait 7 s, then try again.");
  });

  it("say when the server was not reached", () => {
    expect(asProblem(new TypeError("Failed to fetch"))).toMatchObject({ status: 0, code: "unreachable" });
  });

  it("end as sentences", () => {
    expect(sentence("no such lab")).toBe("No such lab.");
    expect(sentence("Really?")).toBe("Really?");
  });
});
