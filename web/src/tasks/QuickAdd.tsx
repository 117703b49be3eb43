// One line in plain words; what is understood of it is shown before it is saved.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useEffect, useId, useRef, useState, type SyntheticEvent } from "react";
import { useLocation, useSearch } from "wouter";
import { asProblem } from "../api/problem";
import { quickParseQuery } from "../api/queries";
import { useShortcut } from "../shell/shortcuts";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { toast } from "../ui/toasts";
import { quickAdd } from "./act";
import { useTimeZone } from "./timeZone";

const FIELDS: Record<string, string> = {
  due_at: "Due",
  effort_minutes: "Effort",
  preferred_time: "Best",
  tags: "Tag",
  project: "Project",
  recurrence: "Again",
};

/** What was typed, once it has rested for a moment. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => {
      setRested(text);
    }, 150);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return rested;
}

export function QuickAdd() {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const input = useRef<HTMLInputElement>(null);
  const hint = useId();
  const asked = useSearch();
  const [, navigate] = useLocation();
  const rested = useRested(text).trim();
  const parsed = useQuery({ ...quickParseQuery(rested), enabled: rested !== "", placeholderData: keepPreviousData });
  const understood = text.trim() === "" ? [] : (parsed.data?.understood ?? []);
  useShortcut("/", "Write a task", () => { input.current?.focus(); });
  useEffect(() => {
    if (asked !== "new") return;
    input.current?.focus();
    navigate("/tasks", { replace: true });
  }, [asked, navigate]);

  const add = async () => {
    if (text.trim() === "" || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const task = await quickAdd(text.trim());
      setText("");
      toast("good", `Added: ${task.title}`);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    }
    setBusy(false);
    input.current?.focus();
  };
  return (
    <section className="quick" aria-label="Add a task">
      <form
        onSubmit={(event: SyntheticEvent) => {
          event.preventDefault();
          void add();
        }}
      >
        <input
          ref={input}
          className="input"
          aria-label="New task, in plain words"
          aria-describedby={hint}
          placeholder="call Ana tomorrow 3pm !4 ~15m #phone"
          maxLength={500}
          autoComplete="off"
          value={text}
          onChange={(event) => { setText(event.target.value); }}
        />
        <Button type="submit" look="primary" icon={<Plus size={15} />} busy={busy} disabled={text.trim() === ""}>
          Add
        </Button>
      </form>
      <div className="parsed" id={hint} role="status">
        {understood.map((piece) => (
          <span className="badge" key={piece.from}>
            {piece.field in FIELDS ? `${FIELDS[piece.field] ?? ""}: ${piece.means}` : piece.means}
          </span>
        ))}
        {text.trim() === "" && <TimeZone />}
      </div>
      {problem !== null && <ProblemNote error={problem} />}
    </section>
  );
}

/** Days and times are meant in one zone; if it is not this browser's, that is said, and changed with one press. */
function TimeZone() {
  const zone = useTimeZone();
  if (zone.server === undefined || zone.server === zone.here) {
    return <span className="hint">Dates, times, “every monday”, !priority, ~effort, #tags and @project are understood.</span>;
  }
  return (
    <span className="hint">
      “Today” and “3pm” mean {zone.server}.{" "}
      <button type="button" className="link" onClick={() => void zone.use()}>
        Use {zone.here}
      </button>
    </span>
  );
}
