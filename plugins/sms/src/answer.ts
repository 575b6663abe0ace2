import { PluginError, type InboundMessage, type JsonObject } from '@sojourn/plugin-kit';
import { normalised } from './normalised.ts';
import { isHelp, stopWordIn } from './words.ts';

// What somebody wrote, as an answer to a question.
//
//   N1. Words that stop us, or ask for help, answer nothing: whatever was asked.
//   N2. A word of an answer comes before its number, so that `1` may mean what a designer says.

/** An answer that is expected. */
export interface ExpectedAnswer {
  port: string;
  words: string[];
  label?: string;
}

/** The outcome of a text that is none of the expected answers. */
export const other = 'other';
/** The outcome of a question that nobody answered in time. */
export const silent = 'silent';

/** How a text ends the step that asked; undefined when it is no answer (N1). */
export function answerOf(
  { text }: InboundMessage,
  written: JsonObject,
): { outcome: string; output: JsonObject } | undefined {
  if (stopWordIn(text) || isHelp(text)) return undefined;
  const answers = (written['answers'] ?? []) as unknown as ExpectedAnswer[];
  const said = normalised(text);
  const meant =
    answers.find(({ words }) => words.some((word) => normalised(word) === said)) ??
    (/^[1-9]\d?$/.test(said) ? answers[Number(said) - 1] : undefined); // N2
  const outcome = meant?.port ?? other;
  return { outcome, output: { answer: outcome, text } };
}

/** Throws `PluginError` of kind `config` when a word can never be an answer (N1). */
export function assertAnswerable(answers: readonly ExpectedAnswer[]): void {
  for (const { port, words } of answers) {
    const reserved = words.find((word) => stopWordIn(word) !== undefined || isHelp(word));
    if (reserved === undefined) continue;
    throw new PluginError({
      code: 'word-reserved',
      kind: 'config',
      detail: `'${reserved}' of the answer '${port}' stops all texts or asks for help: give another word`,
    });
  }
}
