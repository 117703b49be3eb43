// What stands around every signed-in page: sidebar, palette, shortcuts, dropping of files.
import { useQuery } from "@tanstack/react-query";
import { Menu, Search } from "lucide-react";
import { Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { Leaving } from "../account/Leaving";
import { meQuery } from "../api/queries";
import { DropZone } from "../labs/DropZone";
import { UploadTray } from "../labs/UploadTray";
import { chooseFiles } from "../labs/uploads";
import { asProblem } from "../api/problem";
import { Button } from "../ui/Button";
import { ProblemNote } from "../ui/ProblemNote";
import { Skeleton } from "../ui/Skeleton";
import { Mark } from "./Brand";
import { Crash } from "./Crash";
import { Palette } from "./Palette";
import { guardSession } from "./session";
import { listenForShortcuts, useShortcut } from "./shortcuts";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { Drawer, Sidebar } from "./Sidebar";

type Overlay = "palette" | "shortcuts" | "drawer" | null;

export function Shell({ children }: { children: ReactNode }) {
  const [path, navigate] = useLocation();
  const [overlay, setOverlay] = useState<Overlay>(null);
  const main = useRef<HTMLElement>(null);
  const me = useQuery(meQuery);
  const [seenPath, setSeenPath] = useState(path);
  if (seenPath !== path) {
    setSeenPath(path);
    setOverlay(null);
  }

  useEffect(() => {
    guardSession((to) => {
      navigate(to, { replace: true });
    });
    return listenForShortcuts();
  }, [navigate]);
  useFocusOnArrival(path, main);

  const close = () => {
    setOverlay(null);
  };
  useShortcut("Mod+k", "Search and commands", () => { setOverlay("palette"); }, "Anywhere");
  useShortcut("?", "This list", () => { setOverlay("shortcuts"); }, "Anywhere");
  useShortcut("g h", "Go home", () => { navigate("/"); }, "Anywhere");
  useShortcut("g l", "Go to labs", () => { navigate("/labs"); }, "Anywhere");
  useShortcut("g t", "Go to tasks", () => { navigate("/tasks"); }, "Anywhere");
  useShortcut("n", "Add a task", () => { navigate("/tasks?new"); }, "Anywhere");
  useShortcut("u", "Upload a lab", () => { chooseFiles(navigate); }, "Anywhere");

  // Signed out: the sign-in page is on its way, so nothing is drawn meanwhile.
  if (me.error && asProblem(me.error).status === 401) return null;
  const openPalette = () => {
    setOverlay("palette");
  };
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to content
      </a>
      <div className="side">
        <Sidebar onSearch={openPalette} onShortcuts={() => { setOverlay("shortcuts"); }} />
      </div>
      <header className="topbar">
        <Button look="quiet" icon={<Menu size={18} />} label="Menu" onClick={() => { setOverlay("drawer"); }} />
        <Link href="/" className="brand">
          <Mark /> Stoa
        </Link>
        <Button look="quiet" icon={<Search size={18} />} label="Search" onClick={openPalette} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {me.data?.erase_at != null && <Leaving at={me.data.erase_at} />}
        {me.error ? (
          <div className="page" data-narrow="">
            <h1>Stoa cannot be reached</h1>
            <ProblemNote error={me.error} retry={() => void me.refetch()} />
          </div>
        ) : (
          <Crash path={path}>
            <Suspense fallback={<Arriving />}>{me.data ? children : <Arriving />}</Suspense>
          </Crash>
        )}
      </main>
      <DropZone />
      <UploadTray />
      {overlay === "palette" && <Palette onClose={close} onShortcuts={() => { setOverlay("shortcuts"); }} />}
      {overlay === "shortcuts" && <ShortcutsDialog onClose={close} />}
      {overlay === "drawer" && (
        <Drawer onClose={close} onSearch={openPalette} onShortcuts={() => { setOverlay("shortcuts"); }} />
      )}
    </div>
  );
}

function Arriving() {
  return (
    <div className="page" aria-busy="true">
      <Skeleton width={180} height={26} />
      <Skeleton width="100%" height={160} />
    </div>
  );
}

/** A new page takes the focus, so that keyboard and screen reader start where it starts. */
function useFocusOnArrival(path: string, main: { current: HTMLElement | null }): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}
