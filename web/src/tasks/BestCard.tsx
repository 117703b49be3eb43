// What to do next, and why: each reason as a bar, its points beside it; together they are the score.
import { useQuery } from "@tanstack/react-query";
import { AlarmClock, Check, Sparkles } from "lucide-react";
import { nextTaskQuery } from "../api/queries";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { Skeleton } from "../ui/Skeleton";
import { complete, snooze } from "./act";
import { dueText } from "./due";

const SNOOZE_HOURS = 3;

export function BestCard() {
  const next = useQuery(nextTaskQuery);
  if (next.error) return <ProblemNote error={next.error} retry={() => void next.refetch()} />;
  if (!next.data) {
    return (
      <section className="card best" aria-label="What to do next" aria-busy>
        <Skeleton width="40%" height={24} />
      </section>
    );
  }
  const [best] = next.data.items;
  if (best === undefined) return null;
  const { task, score, reasons, recommendation } = best;
  const most = Math.max(1, ...reasons.map((reason) => Math.abs(reason.points)));
  return (
    <section className="card best" aria-label="What to do next">
      <div className="best-head">
        <div className="grow">
          <p className="tiny muted inline">
            <Sparkles size={14} aria-hidden /> Do this next
          </p>
          <h2>{task.title}</h2>
          <p className="small muted">{recommendation}</p>
          {task.due_at != null && <p className="small">Due {dueText(task.due_at, new Date())}</p>}
        </div>
        <div className="best-score">
          <strong className="number">{score}</strong>
          <span className="tiny muted">points</span>
        </div>
      </div>
      <ul className="reasons" aria-label="Why">
        {reasons.map((reason) => (
          <li key={reason.factor}>
            <span className="small">{reason.text}</span>
            <span className="bar" aria-hidden>
              <span data-sign={reason.points < 0 ? "minus" : "plus"} style={{ width: `${String((Math.abs(reason.points) / most) * 100)}%` }} />
            </span>
            <span className="small number">{reason.points > 0 ? `+${String(reason.points)}` : String(reason.points)}</span>
          </li>
        ))}
      </ul>
      <div className="inline">
        <Button look="primary" icon={<Check size={15} />} onClick={() => void complete(task)}>
          Complete
        </Button>
        <Button icon={<AlarmClock size={15} />} onClick={() => void snooze(task, SNOOZE_HOURS)}>
          Snooze {SNOOZE_HOURS} hours
        </Button>
      </div>
    </section>
  );
}
