// The shape of what will come, so that nothing jumps when it does.

export function Skeleton({ width, height = 14 }: { width: number | string; height?: number }) {
  return <span className="skeleton" style={{ width, height }} />;
}

export function SkeletonRows({ rows = 4, label }: { rows?: number; label: string }) {
  return (
    <ul className="rows" aria-busy="true" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <li className="row" key={row}>
          <Skeleton width={20} height={20} />
          <div className="grow stack" style={{ gap: 6 }}>
            <Skeleton width={`${String(58 - ((row * 13) % 30))}%`} />
            <Skeleton width={`${String(34 - ((row * 7) % 15))}%`} height={10} />
          </div>
        </li>
      ))}
    </ul>
  );
}
