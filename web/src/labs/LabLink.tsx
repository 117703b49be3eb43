import type { ReactNode } from "react";
import { Link } from "wouter";
import { labQuery, queryClient } from "../api/queries";

/** A link to a lab that begins to load what is behind it as soon as one points at it. */
export function LabLink({ id, children }: { id: string; children: ReactNode }) {
  const prepare = () => {
    void queryClient.prefetchQuery(labQuery(id));
    void import("./LabPage");
  };
  return (
    <Link href={`/labs/${id}`} className="row-title truncate" onPointerEnter={prepare} onFocus={prepare}>
      {children}
    </Link>
  );
}
