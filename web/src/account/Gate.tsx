// The frame of the pages before one is signed in.
import type { ReactNode } from "react";
import { Mark } from "../shell/Brand";
import { useTitle } from "../shell/Page";

export function Gate({ title, intro, children }: { title: string; intro: ReactNode; children: ReactNode }) {
  useTitle(title);
  return (
    <main className="gate">
      <div className="gate-box">
        <Mark size={36} />
        <h1>{title}</h1>
        <p className="muted">{intro}</p>
        {children}
      </div>
    </main>
  );
}
