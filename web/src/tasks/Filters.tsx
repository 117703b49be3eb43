// Which tasks are shown: by words, project and tag.
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { projectsQuery, tagsQuery, type TodoFilter } from "../api/queries";
import { Button } from "../ui/Button";

interface FiltersProps {
  filter: TodoFilter;
  onFilter: (filter: TodoFilter) => void;
}

/** Without what says nothing. */
function tidy(filter: TodoFilter): TodoFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== "" && value !== undefined));
}

export function Filters({ filter, onFilter }: FiltersProps) {
  const tags = useQuery(tagsQuery);
  const projects = useQuery(projectsQuery);
  const set = (fields: TodoFilter) => { onFilter(tidy({ ...filter, ...fields })); };
  const choose = (label: string, value: string | undefined, names: { name: string; open: number }[] | undefined, mark: string, onValue: (name: string) => void) => (
    <select className="input" aria-label={label} value={value ?? ""} onChange={(event) => { onValue(event.target.value); }}>
      <option value="">{label}</option>
      {value !== undefined && !names?.some((one) => one.name === value) && <option value={value}>{mark + value}</option>}
      {names?.map((one) => (
        <option key={one.name} value={one.name}>
          {`${mark}${one.name} (${String(one.open)})`}
        </option>
      ))}
    </select>
  );
  return (
    <div className="filters" role="search" aria-label="Filter tasks">
      <input className="input" type="search" aria-label="Words in title or description" placeholder="Filter by words" maxLength={200} value={filter.q ?? ""} onChange={(event) => { set({ q: event.target.value }); }} />
      {choose("All projects", filter.project, projects.data?.items, "", (project) => { set({ project }); })}
      {choose("All tags", filter.tag, tags.data?.items, "#", (tag) => { set({ tag }); })}
      {Object.keys(filter).length > 0 && (
        <Button look="quiet" icon={<X size={14} />} onClick={() => { onFilter({}); }}>
          Clear
        </Button>
      )}
    </div>
  );
}
