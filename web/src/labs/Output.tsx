// What a program wrote, as a terminal shows it; while it runs, the view stays at the end unless one scrolls up.
import { useLayoutEffect, useRef } from "react";
import { CopyLink } from "../ui/Copy";
import type { Piece } from "./liveState";

interface OutputProps {
  pieces: readonly Piece[];
  cut: boolean;
  empty: string;
  live?: boolean;
}

export function Output({ pieces, cut, empty, live = false }: OutputProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (live && atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  if (pieces.length === 0) return <p className="output output-none muted small">{empty}</p>;
  return (
    <div className="output-wrap">
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard */}
      <div className="output" ref={box} role="log" aria-label="Output" aria-live={live ? "polite" : "off"} tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {cut && <p className="muted tiny">Earlier output is not shown.</p>}
        <pre>
          {pieces.map((piece, place) => (
            <span key={place} data-stream={piece.stream}>
              {piece.text}
            </span>
          ))}
        </pre>
      </div>
      {!live && (
        <span className="output-copy tiny">
          <CopyLink text={pieces.map((piece) => piece.text).join("")}>Copy</CopyLink>
        </span>
      )}
    </div>
  );
}
