// What must be done before a task: chosen from what is open, found by its words.
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { openTodosQuery, todoQuery } from "../api/queries";
import type { Todo } from "../api/types";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";

interface NeedsProps {
  task: Todo;
  needs: readonly string[];
  wrong: string | undefined;
  onNeeds: (needs: string[]) => void;
}

export function Needs({ task, needs, wrong, onNeeds }: NeedsProps) {
  const [open, setOpen] = useState(false);
  const [words, setWords] = useState("");
  const found = useQuery({ ...openTodosQuery(words.trim()), enabled: open, placeholderData: keepPreviousData });
  const chosen = useQueries({ queries: needs.map((id) => todoQuery(id)) });
  const offered = found.data?.items.filter((one) => one.id !== task.id && !needs.includes(one.id)).slice(0, 6) ?? [];
  return (
    <fieldset className="needs">
      <legend className="label">Waits for</legend>
      {needs.length === 0 && <p className="hint">Nothing must be done before.</p>}
      <ul>
        {needs.map((id, place) => (
          <li key={id} className="inline">
            <span className="grow truncate" data-done={chosen[place]?.data?.status === "completed" ? "" : undefined}>
              {chosen[place]?.data?.title ?? "…"}
            </span>
            <Button look="quiet" icon={<X size={14} />} label={`Do not wait for ${chosen[place]?.data?.title ?? "it"}`} onClick={() => { onNeeds(needs.filter((one) => one !== id)); }} />
          </li>
        ))}
      </ul>
      {wrong !== undefined && <p className="wrong">{wrong}</p>}
      {open ? (
        <>
          <TextField label="Find a task" type="search" maxLength={200} value={words} onValue={setWords} />
          <ul className="offers">
            {offered.map((one) => (
              <li key={one.id}>
                <Button look="quiet" icon={<Plus size={14} />} onClick={() => { onNeeds([...needs, one.id]); }}>
                  <span className="truncate">{one.title}</span>
                </Button>
              </li>
            ))}
            {found.data && offered.length === 0 && <li className="hint">No other open task has these words.</li>}
          </ul>
        </>
      ) : (
        <Button icon={<Plus size={14} />} onClick={() => { setOpen(true); }}>
          Wait for another task
        </Button>
      )}
    </fieldset>
  );
}
