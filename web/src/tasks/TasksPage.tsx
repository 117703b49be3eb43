// Tasks: add one in plain words, see what comes first and why, and the rest by when it is due.
import { useInfiniteQuery } from "@tanstack/react-query";
import { AlarmClock, ListChecks, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { todosQuery } from "../api/queries";
import type { Todo } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { count } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { Segments } from "../ui/Segments";
import { SkeletonRows } from "../ui/Skeleton";
import { complete, remove, reopen, snooze } from "./act";
import { BestCard } from "./BestCard";
import { dueText, GROUPS, groupOf } from "./due";
import { QuickAdd } from "./QuickAdd";

type Shown = "open" | "snoozed" | "completed";

const SHOWN: readonly { value: Shown; label: string }[] = [
  { value: "open", label: "Open" },
  { value: "snoozed", label: "Snoozed" },
  { value: "completed", label: "Completed" },
];

const EMPTY: Record<Shown, [string, string]> = {
  open: ["Nothing to do", "Write what comes to mind in the line above: “call Ana tomorrow 3pm !4 ~15m #phone”."],
  snoozed: ["Nothing is snoozed", "A snoozed task is out of sight until its time comes."],
  completed: ["Nothing is completed yet", "What you complete is kept here, and can be reopened."],
};

const DAY = 24;

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(new Date());
    }, 60_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

export function TasksPage() {
  const [shown, setShown] = useState<Shown>("open");
  const tasks = useInfiniteQuery(todosQuery(shown));
  const all = tasks.data?.pages.flatMap((page) => page.items) ?? [];
  const now = useNow();
  const groups = shown === "open" ? GROUPS : (["No date"] as const);
  return (
    <Page title="Tasks" actions={<Segments legend="Which tasks" options={SHOWN} value={shown} onValue={setShown} />}>
      <QuickAdd />
      {shown === "open" && <BestCard />}
      {tasks.error && <ProblemNote error={tasks.error} retry={() => void tasks.refetch()} />}
      {tasks.isPending && (
        <section className="card" aria-label="Tasks">
          <SkeletonRows rows={4} label="Tasks are loading" />
        </section>
      )}
      {tasks.data && all.length === 0 && (
        <section className="card" aria-label="Tasks">
          <Empty icon={<ListChecks size={32} aria-hidden />} title={EMPTY[shown][0]}>
            {EMPTY[shown][1]}
          </Empty>
        </section>
      )}
      {groups.map((group) => {
        const here = shown === "open" ? all.filter((task) => groupOf(task.due_at, now) === group) : all;
        if (here.length === 0) return null;
        const title = shown === "open" ? group : (SHOWN.find((one) => one.value === shown)?.label ?? "");
        return (
          <section className="card" key={group} aria-label={title}>
            <h2 className="group-title">
              {title} <span className="tiny muted number">{count(here.length, "task")}</span>
            </h2>
            <ul className="rows">
              {here.map((task) => (
                <Row key={task.id} task={task} now={now} />
              ))}
            </ul>
          </section>
        );
      })}
      {tasks.hasNextPage && (
        <div className="more">
          <Button busy={tasks.isFetchingNextPage} onClick={() => void tasks.fetchNextPage()}>
            Show more tasks
          </Button>
        </div>
      )}
    </Page>
  );
}

function Row({ task, now }: { task: Todo; now: Date }) {
  const done = task.status === "completed";
  const late = !done && groupOf(task.due_at, now) === "Overdue";
  return (
    <li className="row">
      <input
        type="checkbox"
        aria-label={done ? `Reopen ${task.title}` : `Complete ${task.title}`}
        checked={done}
        onChange={() => void (done ? reopen(task) : complete(task))}
      />
      <div className="grow">
        <p className="truncate" data-done={done ? "" : undefined}>
          {task.title}
        </p>
        <p className="tiny muted dots">
          {task.due_at != null && <span className={late ? "late" : undefined}>{late ? "was due" : "due"} {dueText(task.due_at, now)}</span>}
          {task.snoozed_until != null && <span>snoozed until {dueText(task.snoozed_until, now)}</span>}
          {task.effort_minutes != null && <span>{task.effort_minutes} min</span>}
          {task.project != null && <span>{task.project}</span>}
          {task.tags.map((tag) => (
            <span key={tag}>#{tag}</span>
          ))}
        </p>
      </div>
      {task.blocked && <span className="badge">Waits for another</span>}
      {task.priority >= 4 && !done && (
        <span className="badge" data-tone={task.priority === 5 ? "bad" : "warn"}>
          {task.priority === 5 ? "Urgent" : "High"}
        </span>
      )}
      {!done && task.status !== "snoozed" && (
        <Button look="quiet" icon={<AlarmClock size={15} />} label={`Snooze ${task.title} for a day`} onClick={() => void snooze(task, DAY)} />
      )}
      <Button look="quiet" icon={<Trash2 size={15} />} label={`Delete ${task.title}`} onClick={() => void remove(task)} />
    </li>
  );
}
