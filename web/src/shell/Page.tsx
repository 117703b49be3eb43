// The frame of a page: its title in the tab and on top, what one can do, and the content.
import { useEffect, type ReactNode } from "react";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "" ? "Stoa" : `${title} · Stoa`;
  }, [title]);
}

interface PageProps {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  narrow?: boolean;
}

export function Page({ title, intro, actions, children, narrow = false }: PageProps) {
  useTitle(title);
  return (
    <div className="page" data-narrow={narrow ? "" : undefined}>
      <header className="page-head">
        <div className="grow">
          <h1>{title}</h1>
          {intro !== undefined && <p className="muted small">{intro}</p>}
        </div>
        {actions !== undefined && <div className="inline">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
