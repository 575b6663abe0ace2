import type { Step } from '@sojourn/schemas';
import { useCallback, useMemo } from 'react';
import { useEditor, useEditorStore } from '../editor/store.ts';
import { replaceStep } from '../document/edits.ts';
import { problemText } from '../editor/Problems.tsx';
import { useWords } from '../i18n/use-words.ts';

/** Replaces a step; `field` names the gesture, so that typing in one field is one step of undo. */
export type EditStep = (
  step: Step,
  field?: string,
  ports?: Parameters<typeof replaceStep>[3],
) => void;

/** Edits the step with this id. */
export function useStepEdit(id: string): EditStep {
  const editor = useEditorStore();
  return useCallback(
    (step, field, ports) =>
      editor
        .getState()
        .apply(
          (current) => replaceStep(current, id, step, ports),
          field === undefined ? undefined : `${field}:${id}`,
        ),
    [editor, id],
  );
}

/** What the check says about the value at a pointer, or below it. */
export function useFault(pointer: string): string | undefined {
  const words = useWords();
  const finding = useEditor((state) =>
    state.diagnostics?.find(
      (one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`),
    ),
  );
  return finding && problemText(finding, words);
}

/** `object` with a field set, or without it when the value is empty. */
export function withField<Target extends object, Key extends keyof Target>(
  object: Target,
  key: Key,
  value: Target[Key] | undefined | '',
): Target {
  if (value !== undefined && value !== '') return { ...object, [key]: value };
  const { [key]: _gone, ...rest } = object;
  return rest as Target;
}

/** Faults of the form's fields, by their pointer inside the config. */
export function useFormFaults(id: string): Record<string, string> {
  const words = useWords();
  const diagnostics = useEditor((state) => state.diagnostics);
  return useMemo(() => {
    const prefix = `/steps/${id}/with/`;
    return Object.fromEntries(
      (diagnostics ?? [])
        .filter((finding) => finding.pointer.startsWith(prefix))
        .map((finding) => [finding.pointer.slice(prefix.length - 1), problemText(finding, words)]),
    );
  }, [diagnostics, id, words]);
}
