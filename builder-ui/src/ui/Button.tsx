import { Tooltip } from '@mantine/core';
import type { ButtonHTMLAttributes, ReactNode } from 'react';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: 'plain' | 'primary' | 'quiet' | 'danger';
  icon?: ReactNode;
}

/** A button with words on it. */
export function Button({ tone = 'plain', icon, children, className = '', ...rest }: ButtonProps) {
  return (
    <button type="button" className={`btn ${tone} ${className}`} {...rest}>
      {icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'children'> {
  /** What it does: its accessible name and its tooltip. */
  label: string;
  children: ReactNode;
  /** Its key, shown in the tooltip. */
  shortcut?: string;
}

/** A square button with an icon; its words are in the tooltip. */
export function IconButton({
  label,
  shortcut,
  tone = 'quiet',
  className = '',
  children,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip label={shortcut === undefined ? label : `${label} · ${shortcut}`}>
      <button
        type="button"
        className={`btn square ${tone} ${className}`}
        aria-label={label}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  );
}
