// Projects and tags: names that tasks share, to be changed on all of them at once.
import { useMutation, useQuery } from "@tanstack/react-query";
import { FolderOpen, Tag } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { projectsQuery, tagsQuery } from "../api/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { count } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { toast } from "../ui/toasts";
import { lookAgain } from "./act";

type Kind = "project" | "tag";

interface Name {
  name: string;
  open: number;
  all: number;
}

export function Names() {
  const projects = useQuery(projectsQuery);
  const tags = useQuery(tagsQuery);
  const [asking, setAsking] = useState<{ kind: Kind; name: string } | null>(null);
  const error = projects.error ?? tags.error;
  const rows = (kind: Kind, names: Name[] | undefined) =>
    names?.map((one) => (
      <li className="row" key={`${kind} ${one.name}`}>
        {kind === "project" ? <FolderOpen size={18} data-tone="none" aria-label="Project" /> : <Tag size={18} data-tone="none" aria-label="Tag" />}
        <div className="grow">
          <p className="truncate">
            <strong>{one.name}</strong>
          </p>
          <p className="tiny muted">
            {count(one.all, "task")}, {String(one.open)} open
          </p>
        </div>
        <Button onClick={() => { setAsking({ kind, name: one.name }); }}>
          Rename<span className="visually-hidden"> {one.name}</span>
        </Button>
      </li>
    )) ?? [];
  const all = [...rows("project", projects.data?.items), ...rows("tag", tags.data?.items)];
  return (
    <section className="card panel" aria-labelledby="names">
      <h2 id="names">Projects and tags</h2>
      <p className="muted small">A name is there while a task has it. Renamed to one that is there already, both become one.</p>
      {error && <ProblemNote error={error} retry={() => void Promise.all([projects.refetch(), tags.refetch()])} />}
      {projects.data && tags.data && all.length === 0 && <p className="hint">No task has a project or a tag yet. Write #phone or @contract where you add one.</p>}
      {all.length > 0 && <ul className="rows">{all}</ul>}
      {asking && <Rename {...asking} there={(asking.kind === "project" ? projects : tags).data?.items ?? []} onClose={() => { setAsking(null); }} />}
    </section>
  );
}

interface RenameProps {
  kind: Kind;
  name: string;
  there: readonly Name[];
  onClose: () => void;
}

function Rename({ kind, name, there, onClose }: RenameProps) {
  const [to, setTo] = useState(name);
  const wanted = kind === "tag" ? to.trim().replace(/^#/, "").toLowerCase() : to.trim();
  const other = there.find((one) => one.name === wanted && one.name !== name);
  const rename = useMutation({
    mutationFn: () => {
      const body = { from: name, to: wanted };
      return answer(kind === "tag" ? api.POST("/api/v1/tasks/tags/rename", { body }) : api.POST("/api/v1/tasks/projects/rename", { body }));
    },
    onSuccess: async ({ changed }) => {
      toast("good", `${name} is now ${wanted}, on ${count(changed, "task")}.`);
      onClose();
      await lookAgain();
    },
  });
  return (
    <Dialog title={`Rename the ${kind} “${name}”`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        {rename.error && <ProblemNote error={rename.error} />}
        <TextField
          label="New name"
          required
          maxLength={kind === "tag" ? 50 : 100}
          value={to}
          onValue={setTo}
          hint={other ? `There is “${other.name}” already, on ${count(other.all, "task")}: both become one, and that cannot be undone.` : undefined}
          wrong={rename.error ? asProblem(rename.error).field("to") : undefined}
        />
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look={other ? "danger" : "primary"} busy={rename.isPending} disabled={wanted === "" || wanted === name}>
            {other ? "Merge" : "Rename"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
