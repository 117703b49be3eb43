import { FlaskConical, HeartPulse, House, ListChecks, Mail, Plug, ScrollText, Search, Users } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useModal } from "../ui/Dialog";
import { Mark } from "./Brand";
import { Keys } from "./Keys";
import { isAdmin, useUser } from "./session";
import { UserMenu } from "./UserMenu";

interface SidebarProps {
  onSearch: () => void;
  onShortcuts: () => void;
}

function Item({ href, icon, children, within = false }: { href: string; icon: ReactNode; children: ReactNode; within?: boolean }) {
  const [path] = useLocation();
  const here = path === href || (within && path.startsWith(`${href}/`));
  return (
    <li>
      <Link href={href} aria-current={here ? "page" : undefined}>
        {icon}
        {children}
      </Link>
    </li>
  );
}

export function Sidebar({ onSearch, onShortcuts }: SidebarProps) {
  const user = useUser();
  return (
    <nav className="sidebar" aria-label="Main">
      <Link href="/" className="brand">
        <Mark /> Stoa
      </Link>
      <button type="button" className="find" onClick={onSearch}>
        <Search size={15} aria-hidden />
        Search or do…
        <Keys keys="Mod+k" />
      </button>
      <ul>
        <Item href="/" icon={<House size={16} aria-hidden />}>
          Home
        </Item>
        <Item href="/labs" icon={<FlaskConical size={16} aria-hidden />} within>
          Labs
        </Item>
        <Item href="/tasks" icon={<ListChecks size={16} aria-hidden />}>
          Tasks
        </Item>
      </ul>
      {isAdmin(user) && (
        <>
          <h2 className="side-title">Administration</h2>
          <ul>
            <Item href="/admin/users" icon={<Users size={16} aria-hidden />} within>
              People
            </Item>
            <Item href="/admin/clients" icon={<Plug size={16} aria-hidden />}>
              Applications
            </Item>
            <Item href="/admin/mail" icon={<Mail size={16} aria-hidden />}>
              Mail
            </Item>
            <Item href="/admin/activity" icon={<ScrollText size={16} aria-hidden />}>
              Activity
            </Item>
            <Item href="/admin/health" icon={<HeartPulse size={16} aria-hidden />}>
              Health
            </Item>
          </ul>
        </>
      )}
      <UserMenu onShortcuts={onShortcuts} />
    </nav>
  );
}

/** The sidebar on a phone. */
export function Drawer({ onClose, ...rest }: SidebarProps & { onClose: () => void }) {
  const modal = useModal(onClose);
  return (
    <dialog {...modal} className="drawer" aria-label="Menu">
      <Sidebar {...rest} />
    </dialog>
  );
}
