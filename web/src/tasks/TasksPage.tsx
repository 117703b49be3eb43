// Tasks: add one in plain words, see what comes first and why, and the rest by when it is due.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Import, ListChecks } from "lucide-react";
import { useEffect, useState } from "react";
import { todosQuery, type TodoFilter } from "../api/queries";
import type { Todo } from "../api/types";
import { Page } from "../shell/Page";
import { useShortcut } from "../shell/shortcuts";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { count } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { Segments } from "../ui/Segments";
import { SkeletonRows } from "../ui/Skeleton";
import { BestCard } from "./BestCard";
import { Board } from "./Board";
import { GROUPS, groupOf } from "./due";
import { Filters } from "./Filters";
import { ImportDialog } from "./ImportDialog";
import { QuickAdd } from "./QuickAdd";
import { Row } from "./Row";
import { TaskDialog } from "./TaskDialog";

type Shown = "open" | "board" | "snoozed" | "completed";

const SHOWN: readonly { value: Shown; label: string }[] = [
  { value: "open", label: "List" },
  { value: "board", label: "Board" },
  { value: "snoozed", label: "Snoozed" },
  { value: "completed", label: "Completed" },
];

const EMPTY: Record<Shown, [string, string]> = {
  open: ["Nothing to do", "Write what comes to mind in the line above: “call Ana tomorrow 3pm !4 ~15m #phone”."],
  board: ["Nothing to do", "Write what comes to mind in the line above: “call Ana tomorrow 3pm !4 ~15m #phone”."],
  snoozed: ["Nothing is snoozed", "A snoozed task is out of sight until its time comes."],
  completed: ["Nothing is completed yet", "What you complete is kept here, and can be reopened."],
};

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
  const [filter, setFilter] = useState<TodoFilter>({});
  const [open, setOpen] = useState<string | null>(null);
  const [importing, setImporting] = useState(false);
  const tasks = useInfiniteQuery(todosQuery(shown === "board" ? "open" : shown, filter));
  const all = tasks.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.keys(filter).length > 0;
  const now = useNow();
  const show = (task: Todo) => { setOpen(task.id); };
  useShortcut("b", "Show the board or the list", () => { setShown(shown === "board" ? "open" : "board"); });
  const [emptyTitle, emptyText] = filtered ? ["Nothing fits", "No task here has these words, this project and this tag."] : EMPTY[shown];
  return (
    <Page
      title="Tasks"
      actions={
        <>
          <Segments legend="Which tasks" options={SHOWN} value={shown} onValue={setShown} />
          <Button icon={<Import size={15} />} onClick={() => { setImporting(true); }}>
            Import
          </Button>
        </>
      }
    >
      <QuickAdd />
      {shown === "open" && !filtered && <BestCard />}
      {(all.length > 0 || filtered) && <Filters filter={filter} onFilter={setFilter} />}
      {tasks.error && <ProblemNote error={tasks.error} retry={() => void tasks.refetch()} />}
      {tasks.isPending && (
        <section className="card" aria-label="Tasks">
          <SkeletonRows rows={4} label="Tasks are loading" />
        </section>
      )}
      {tasks.data && all.length === 0 && (
        <section className="card" aria-label="Tasks">
          <Empty icon={<ListChecks size={32} aria-hidden />} title={emptyTitle}>
            {emptyText}
          </Empty>
        </section>
      )}
      {shown === "board" && all.length > 0 && <Board tasks={all} now={now} onOpen={show} />}
      {shown !== "board" && <Groups tasks={all} shown={shown} now={now} onOpen={show} />}
      {tasks.hasNextPage && (
        <div className="more">
          <Button busy={tasks.isFetchingNextPage} onClick={() => void tasks.fetchNextPage()}>
            Show more tasks
          </Button>
        </div>
      )}
      {open !== null && <TaskDialog id={open} onClose={() => { setOpen(null); }} />}
      {importing && <ImportDialog onClose={() => { setImporting(false); }} />}
    </Page>
  );
}

interface GroupsProps {
  tasks: readonly Todo[];
  shown: Shown;
  now: Date;
  onOpen: (task: Todo) => void;
}

function Groups({ tasks, shown, now, onOpen }: GroupsProps) {
  const groups = shown === "open" ? GROUPS : (["No date"] as const);
  return groups.map((group) => {
    const here = shown === "open" ? tasks.filter((task) => groupOf(task.due_at, now) === group) : tasks;
    if (here.length === 0) return null;
    const title = shown === "open" ? group : (SHOWN.find((one) => one.value === shown)?.label ?? "");
    return (
      <section className="card" key={group} aria-label={title}>
        <h2 className="group-title">
          {title} <span className="tiny muted number">{count(here.length, "task")}</span>
        </h2>
        <ul className="rows">
          {here.map((task) => (
            <Row key={task.id} task={task} now={now} onOpen={onOpen} />
          ))}
        </ul>
      </section>
    );
  });
}
