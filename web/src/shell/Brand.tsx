/** The mark: a roof on three columns. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden>
      <rect width="24" height="24" rx="6" />
      <path d="M5 8.5 12 5l7 3.5M5.5 18.5h13M7.5 11v5M12 11v5M16.5 11v5" />
    </svg>
  );
}
