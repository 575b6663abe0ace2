import { createContext } from 'react';

/** Writes the text of a note; given by the editor, does nothing where notes are only read. */
export const NoteWriter = createContext<(id: string, text: string) => void>(() => undefined);
