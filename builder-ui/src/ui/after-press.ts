let isPressed = false;
document.addEventListener('pointerdown', () => (isPressed = true), true);
for (const end of ['pointerup', 'pointercancel'] as const)
  document.addEventListener(end, () => (isPressed = false), true);

/**
 * Does something once no pointer is pressed any more, at once when none is. What goes away when a field is left moves the rest of the
 * page: done while the pointer that left the field is still down, its click would meet something else.
 */
export function afterPress(work: () => void): void {
  if (!isPressed) work();
  else
    document.addEventListener('pointerup', () => setTimeout(work), { once: true, capture: true });
}
