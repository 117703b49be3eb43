// Ctrl/Cmd+K: every place, every action and every lab, by a few letters.
import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight, FlaskConical, Search, Zap } from "lucide-react";
import { useId, useState, type KeyboardEvent } from "react";
import { useLocation } from "wouter";
import { labsQuery } from "../api/queries";
import { chooseFiles } from "../labs/uploads";
import { useModal } from "../ui/Dialog";
import { toast } from "../ui/toasts";
import { asProblem } from "../api/problem";
import { search, type Command } from "./commands";
import { Keys } from "./Keys";
import { isAdmin, signOut, useUser } from "./session";
import { chooseTheme } from "./theme";

function useCommands(onShortcuts: () => void): Command[] {
  const [, navigate] = useLocation();
  const user = useUser();
  const labs = useInfiniteQuery(labsQuery);
  const go = (id: string, text: string, path: string, keys?: string): Command => ({
    id,
    group: "Go to",
    text,
    ...(keys === undefined ? {} : { keys }),
    run: () => {
      navigate(path);
    },
  });
  const act = (id: string, text: string, run: () => void, keys?: string): Command => ({
    id,
    group: "Do",
    text,
    ...(keys === undefined ? {} : { keys }),
    run,
  });
  return [
    act("upload", "Upload a lab", () => { chooseFiles(navigate); }, "u"),
    go("home", "Home", "/", "g h"),
    act("task", "Add a task", () => { navigate("/tasks?new"); }, "n"),
    go("labs", "Labs", "/labs", "g l"),
    go("tasks", "Tasks", "/tasks", "g t"),
    go("task settings", "Settings of tasks", "/settings/tasks"),
    ...(labs.data?.pages.flatMap((page) => page.items) ?? []).map(
      (lab): Command => ({
        id: lab.id,
        group: "Labs",
        text: lab.title,
        detail: lab.source.name,
        run: () => {
          navigate(`/labs/${lab.id}`);
        },
      }),
    ),
    go("profile", "Profile", "/settings/profile"),
    go("security", "Security", "/settings/security"),
    go("sessions", "Sessions", "/settings/sessions"),
    go("your data", "Your data", "/settings/data"),
    go("tokens", "Access tokens", "/settings/tokens"),
    ...(isAdmin(user) ? [go("users", "People", "/admin/users"), go("clients", "Applications", "/admin/clients"), go("mail", "Mail", "/admin/mail"), go("activity", "Activity", "/admin/activity"), go("health", "Health", "/admin/health")] : []),
    act("dark", "Use the dark theme", () => { chooseTheme("dark"); }),
    act("light", "Use the light theme", () => { chooseTheme("light"); }),
    act("system", "Use the system's theme", () => { chooseTheme("system"); }),
    act("keys", "Keyboard shortcuts", onShortcuts, "?"),
    act("out", "Sign out", () => {
      signOut(navigate).catch((thrown: unknown) => {
        toast("bad", `Not signed out: ${asProblem(thrown).message}`);
      });
    }),
  ];
}

const ICONS = { Labs: FlaskConical, "Go to": ArrowRight, Do: Zap };

export function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const modal = useModal(onClose);
  const id = useId();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const found = search(useCommands(onShortcuts), query);
  const at = Math.min(chosen, Math.max(0, found.length - 1));

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(found[at]);
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 || found.length === 0) return;
    event.preventDefault();
    const next = (at + step + found.length) % found.length;
    setChosen(next);
    document.getElementById(`${id}-${String(next)}`)?.scrollIntoView({ block: "nearest" });
  };

  return (
     
    <dialog {...modal} className="palette" aria-label="Search and commands">
      <div className="palette-input">
        <Search size={16} aria-hidden />
        <input
          role="combobox"
          aria-label="Search labs, places and actions"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length === 0 ? undefined : `${id}-${String(at)}`}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          placeholder="Search labs, places and actions"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div role="listbox" id={`${id}-list`} aria-label="Results" className="palette-list" tabIndex={-1}>
        {found.map((command, place) => {
          const Icon = ICONS[command.group];
          return (
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are handled by the input, which keeps the focus
            <div
              key={command.id}
              id={`${id}-${String(place)}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === at}
              onClick={() => {
                run(command);
              }}
              onMouseMove={() => {
                setChosen(place);
              }}
            >
              <Icon size={15} aria-hidden />
              <span className="truncate">{command.text}</span>
              {command.detail !== undefined && <span className="truncate tiny muted">{command.detail}</span>}
              <span className="grow" />
              {command.keys !== undefined && <Keys keys={command.keys} />}
            </div>
          );
        })}
      </div>
      {found.length === 0 && (
        <p className="palette-none muted small" role="status">
          Nothing fits “{query}”. Try fewer letters.
        </p>
      )}
    </dialog>
  );
}
