// Dragging rows into another order with mouse, pen or finger; the arrow keys on the handle do the same.
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { dropPlace } from "./order";

interface Drag {
  from: number;
  /** The gap the row would fall into: 0 is before the first row. */
  gap: number;
}

export function useReorder(onMove: (from: number, to: number) => void) {
  const list = useRef<HTMLUListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);

  const gapAt = (y: number): number => {
    const middles = [...(list.current?.children ?? [])].map((row) => {
      const box = row.getBoundingClientRect();
      return box.top + box.height / 2;
    });
    return dropPlace(middles, y);
  };

  const handle = (index: number, many: number) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ from: index, gap: index });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (drag?.from !== index) return;
      const gap = gapAt(event.clientY);
      if (gap !== drag.gap) setDrag({ from: index, gap });
    },
    onPointerUp: () => {
      if (drag?.from !== index) return;
      const to = drag.gap > index ? drag.gap - 1 : drag.gap;
      setDrag(null);
      if (to !== index) onMove(index, to);
    },
    onPointerCancel: () => {
      setDrag(null);
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      const to = index + step;
      if (event.key === "Escape" && drag) setDrag(null);
      if (step === 0 || event.altKey) return;
      event.preventDefault();
      if (to >= 0 && to < many) onMove(index, to);
    },
  });

  const row = (index: number, many: number) => {
    const quiet = drag === null || drag.gap === drag.from || drag.gap === drag.from + 1;
    return {
      "data-dragging": drag?.from === index ? "" : undefined,
      "data-gap": quiet ? undefined : drag.gap === index ? "before" : drag.gap === many && index === many - 1 ? "after" : undefined,
    };
  };

  return { list, handle, row };
}
