import type { ReactNode } from "react";
import { Gate } from "./Gate";

/** A link that was cut off on the way, or opens nothing any more. */
export function BadLink({ cut, children }: { cut: boolean; children: ReactNode }) {
  return (
    <Gate
      title={cut ? "The link is incomplete" : "This link is no longer good"}
      intro={cut ? "Open the whole link from the letter: its last part shows that you read it." : "It works once and for a limited time, and a newer one takes its place."}
    >
      {children}
    </Gate>
  );
}
