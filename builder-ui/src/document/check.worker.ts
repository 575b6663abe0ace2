import { compile, type CompileEnvironment, type Diagnostic } from '@sojourn/engine';
import { calendars } from '@sojourn/schemas';

/** What the worker is asked: whether this document is sound. */
export interface CheckRequest {
  number: number;
  document: unknown;
  environment: CompileEnvironment;
}

/** What it answers. */
export interface CheckAnswer {
  number: number;
  diagnostics: Diagnostic[];
}

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<CheckRequest>) => void) | null;
  postMessage: (answer: CheckAnswer) => void;
};

scope.onmessage = ({ data }) => {
  const { diagnostics } = compile(data.document, { calendars, ...data.environment });
  scope.postMessage({ number: data.number, diagnostics });
};
