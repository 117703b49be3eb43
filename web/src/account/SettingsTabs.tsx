import { Link, useLocation } from "wouter";

const TABS = [
  ["/settings/profile", "Profile"],
  ["/settings/security", "Security"],
  ["/settings/sessions", "Sessions"],
  ["/settings/connections", "Connected apps"],
  ["/settings/tokens", "Access tokens"],
  ["/settings/tasks", "Tasks"],
  ["/settings/data", "Your data"],
] as const;

export function SettingsTabs() {
  const [path] = useLocation();
  return (
    <nav className="tabs" aria-label="Settings">
      {TABS.map(([href, text]) => (
        <Link key={href} href={href} aria-current={path === href ? "page" : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
