// The order of a lab's tasks. Pure.

export interface Placed {
  id: string;
  position: number;
}

/** `items` with the one at `from` now at `to`; places outside are pulled in. */
export function move<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = [...items];
  const taken = rest.splice(from, 1);
  rest.splice(Math.max(0, Math.min(to, rest.length)), 0, ...taken);
  return rest;
}

export function byPosition<T extends Placed>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => a.position - b.position);
}

/** The tasks with one at its new place, numbered 0, 1, 2… as the server numbers them. */
export function moveTask<T extends Placed>(items: readonly T[], id: string, to: number): T[] {
  const ordered = byPosition(items);
  const from = ordered.findIndex((one) => one.id === id);
  if (from === -1) return ordered;
  return move(ordered, from, to).map((one, position) => ({ ...one, position }));
}

/** Where a dragged item lands: before the first row whose middle is below the pointer. */
export function dropPlace(middles: readonly number[], y: number): number {
  const place = middles.findIndex((middle) => y < middle);
  return place === -1 ? middles.length : place;
}
