import { IconAlertTriangle, IconMinus, IconPlus, IconTilde, IconX } from '@tabler/icons-react';

const shapes = {
  error: IconX,
  warning: IconAlertTriangle,
  added: IconPlus,
  removed: IconMinus,
  changed: IconTilde,
};

/** The sign in a marker over a card's corner. */
export function MarkerIcon({ name }: { name: string }) {
  const Shape = shapes[name as keyof typeof shapes];
  return <Shape size={12} stroke={2.4} aria-hidden />;
}
