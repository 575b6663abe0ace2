import type { CompileEnvironment } from '@sojourn/engine';
import type { CheckAnswer, CheckRequest } from './check.worker.ts';
import type { Diagnostic } from './engine.ts';

/** Checks documents in a worker. Only the latest question is answered. */
export interface Checker {
  check: (document: unknown, environment: CompileEnvironment) => void;
  close: () => void;
}

/** Starts the worker; `onAnswer` is called with the findings about the latest document. */
export function createChecker(onAnswer: (diagnostics: Diagnostic[]) => void): Checker {
  const worker = new Worker(new URL('./check.worker.ts', import.meta.url), { type: 'module' });
  let number = 0;
  worker.onmessage = ({ data }: MessageEvent<CheckAnswer>) => {
    if (data.number === number) onAnswer(data.diagnostics);
  };
  return {
    check: (document, environment) => {
      number += 1;
      worker.postMessage({ number, document, environment } satisfies CheckRequest);
    },
    close: () => worker.terminate(),
  };
}
