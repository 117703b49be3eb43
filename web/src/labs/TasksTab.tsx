// The tasks of a lab: the list on the left, the chosen one on the right; on a phone one after the other.
import { ListPlus, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { asProblem } from "../api/problem";
import type { Lab } from "../api/types";
import { useShortcut } from "../shell/shortcuts";
import { Button } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { toast } from "../ui/toasts";
import { addTask, changeTask } from "./edit";
import { byPosition } from "./order";
import { TaskDetail } from "./TaskDetail";
import { TaskList } from "./TaskList";
import { tabPath } from "./tabs";

export function TasksTab({ lab }: { lab: Lab }) {
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const [adding, setAdding] = useState(false);
  const tasks = useMemo(() => byPosition(lab.tasks), [lab.tasks]);
  const asked = search.get("task");
  const chosen = tasks.find((task) => task.id === asked) ?? tasks[0];
  const choose = (id: string | null, replace = true) => {
    navigate(id === null ? tabPath(lab.id, "tasks") : `${tabPath(lab.id, "tasks")}?task=${id}`, { replace });
  };
  const step = (by: 1 | -1) => {
    const at = tasks.findIndex((task) => task.id === chosen?.id);
    const next = tasks[at + by];
    if (next) choose(next.id);
  };
  const shift = (by: 1 | -1) => {
    if (!chosen) return;
    const to = chosen.position + by;
    if (to >= 0 && to < tasks.length) changeTask(lab.id, chosen.id, { position: to });
  };
  useShortcut("j", "Next task", () => { step(1); });
  useShortcut("k", "Previous task", () => { step(-1); });
  useShortcut("Alt+ArrowDown", "Move the task down", () => { shift(1); });
  useShortcut("Alt+ArrowUp", "Move the task up", () => { shift(-1); });
  useShortcut("x", "Include or leave out the task", () => {
    if (chosen) changeTask(lab.id, chosen.id, { included: !chosen.included });
  });

  const add = async () => {
    setAdding(true);
    try {
      const task = await addTask(lab.id, chosen?.language ?? "python");
      choose(task.id);
    } catch (thrown) {
      toast("bad", `Not added: ${asProblem(thrown).message}`);
    } finally {
      setAdding(false);
    }
  };
  const addButton = (
    <Button look={tasks.length === 0 ? "primary" : "quiet"} icon={<Plus size={15} />} busy={adding} onClick={() => void add()}>
      Add a task
    </Button>
  );

  if (!chosen) {
    return (
      <section className="card">
        <Empty icon={<ListPlus size={32} aria-hidden />} title="No task was found in this file" actions={addButton}>
          Tasks are numbered questions and headings such as “Task 1” or “Program 2”. Add them by hand, or upload a file that has them.
        </Empty>
      </section>
    );
  }
  return (
    <div className="lab-body" data-shown={asked === null ? "list" : "detail"}>
      <section className="card task-side" aria-label="Tasks">
        <TaskList lab={lab} tasks={tasks} chosen={chosen.id} onChoose={(id) => { choose(id, asked !== null); }} />
        <div className="task-add">{addButton}</div>
      </section>
      <TaskDetail key={chosen.id} lab={lab} task={chosen} many={tasks.length} onBack={() => { choose(null); }} />
    </div>
  );
}
