// A problem where it happened: what, what now, and the request id to hand on.
import { TriangleAlert } from "lucide-react";
import { advice, asProblem, sentence } from "../api/problem";
import { CopyLink } from "./Copy";

export function ProblemNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = asProblem(error);
  const fields = problem.errors.map((one) => `${one.pointer.replace(/^\//, "").replace(/_/g, " ")} ${one.detail}`);
  return (
    <div className="note" role="alert">
      <TriangleAlert size={16} data-tone="bad" aria-hidden />
      <div>
        <p>
          <strong>{sentence(problem.message)}</strong> {advice(problem)}
        </p>
        {fields.length > 0 && (
          <ul>
            {fields.map((field) => (
              <li key={field}>{sentence(field)}</li>
            ))}
          </ul>
        )}
        <p className="inline tiny">
          {retry && (
            <button type="button" className="link" onClick={retry}>
              Try again
            </button>
          )}
          {problem.requestId !== null && <CopyLink text={problem.requestId}>Copy request id</CopyLink>}
        </p>
      </div>
    </div>
  );
}
