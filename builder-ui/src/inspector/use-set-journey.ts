import type { JourneyDocument } from '@sojourn/schemas';
import { setField } from '../document/edits.ts';
import { useEditorStore } from '../editor/store.ts';

/** Sets a field of the journey; `field` names the gesture, so that typing in one field is one step of undo. */
export type SetJourney = <Key extends keyof JourneyDocument>(
  key: Key,
  value: JourneyDocument[Key] | undefined,
  field?: string,
) => void;

/** Edits the journey itself. */
export function useSetJourney(): SetJourney {
  const editor = useEditorStore();
  return (key, value, field) =>
    editor
      .getState()
      .apply(
        (current) => setField(current, key, value),
        field === undefined ? undefined : `journey:${field}`,
      );
}
