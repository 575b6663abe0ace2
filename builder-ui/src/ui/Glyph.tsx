import type { Looks } from '../document/kinds.ts';
import { StepIcon } from './Icon.tsx';

/** The tile of a step: its category as shape and colour, with its icon. */
export function Glyph({ looks, size = 15 }: { looks: Looks; size?: number }) {
  return (
    <span className="gl" data-cat={looks.category}>
      <StepIcon name={looks.icon} size={size} />
    </span>
  );
}
