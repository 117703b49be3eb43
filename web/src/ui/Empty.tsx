import type { ReactNode } from "react";

/** Nothing here yet, and what to do about it. */
export function Empty({ icon, title, children, actions }: { icon: ReactNode; title: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      {icon}
      <h2>{title}</h2>
      <p>{children}</p>
      {actions !== undefined && <div className="inline">{actions}</div>}
    </div>
  );
}
