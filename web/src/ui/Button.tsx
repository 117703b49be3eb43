import type { ComponentProps, ReactNode } from "react";

type Look = "plain" | "primary" | "quiet" | "danger";

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  icon?: ReactNode;
  /** A name for a button that shows only its icon. */
  label?: string;
  busy?: boolean;
}

export function Button({ look = "plain", icon, label, busy = false, children, disabled, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className="button"
      data-look={look}
      data-icon-only={children === undefined ? "" : undefined}
      aria-label={label}
      title={label}
      aria-busy={busy || undefined}
      disabled={disabled === true || busy}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}
