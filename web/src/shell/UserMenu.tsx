import { ChevronsUpDown, KeyRound, Keyboard, LogOut, MonitorSmartphone, ShieldCheck, UserRound } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { asProblem } from "../api/problem";
import { Segments } from "../ui/Segments";
import { toast } from "../ui/toasts";
import { signOut, useUser } from "./session";
import { chooseTheme, useThemeChoice } from "./theme";

const THEMES = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

export function UserMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const user = useUser();
  const [open, setOpen] = useState(false);
  const [path, navigate] = useLocation();
  const theme = useThemeChoice();
  const root = useRef<HTMLDivElement>(null);
  const [seenPath, setSeenPath] = useState(path);
  if (seenPath !== path) {
    setSeenPath(path);
    setOpen(false);
  }
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);

  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape closes the menu from anywhere inside
    <div
      className="user-menu"
      ref={root}
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) {
          event.preventDefault();
          setOpen(false);
          root.current?.querySelector("button")?.focus();
        }
      }}
    >
      <button
        type="button"
        className="user-button"
        aria-expanded={open}
        aria-controls="user-menu"
        onClick={() => {
          setOpen(!open);
        }}
      >
        <span className="avatar" aria-hidden>
          {user?.display_name.slice(0, 1).toUpperCase()}
        </span>
        <span className="user-name">
          <span className="truncate">{user?.display_name ?? " "}</span>
          <span className="truncate tiny muted">{user?.email ?? " "}</span>
        </span>
        <ChevronsUpDown size={14} aria-hidden />
        <span className="visually-hidden">Account menu</span>
      </button>
      <div className="menu" id="user-menu" hidden={!open}>
        <ul>
          <li>
            <Link href="/settings/profile">
              <UserRound size={15} aria-hidden /> Profile
            </Link>
          </li>
          <li>
            <Link href="/settings/security">
              <ShieldCheck size={15} aria-hidden /> Security
            </Link>
          </li>
          <li>
            <Link href="/settings/sessions">
              <MonitorSmartphone size={15} aria-hidden /> Sessions
            </Link>
          </li>
          <li>
            <Link href="/settings/tokens">
              <KeyRound size={15} aria-hidden /> Access tokens
            </Link>
          </li>
        </ul>
        <div className="menu-theme">
          <Segments legend="Theme" options={THEMES} value={theme} onValue={chooseTheme} />
        </div>
        <ul>
          <li>
            <button
              type="button"
              onClick={() => {
                setOpen(false);
                onShortcuts();
              }}
            >
              <Keyboard size={15} aria-hidden /> Keyboard shortcuts
            </button>
          </li>
          <li>
            <button
              type="button"
              onClick={() => {
                signOut(navigate).catch((thrown: unknown) => {
                  toast("bad", `Not signed out: ${asProblem(thrown).message}`);
                });
              }}
            >
              <LogOut size={15} aria-hidden /> Sign out
            </button>
          </li>
        </ul>
      </div>
    </div>
  );
}
