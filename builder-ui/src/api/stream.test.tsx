// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useLive } from './stream.ts';

const opened: { onopen?: () => void }[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  opened.length = 0;
  vi.stubGlobal(
    'EventSource',
    class {
      onopen?: () => void;
      constructor() {
        opened.push(this);
      }
      addEventListener(): void {
        // Nothing is said in these tests.
      }
      close(): void {
        // There is no line to close.
      }
    },
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function Watching(): null {
  useLive(['run:r-1']);
  return null;
}

describe('the stream of changes', () => {
  it('has what it tells of read again when it opens: something may have changed since the reading', () => {
    const client = new QueryClient();
    client.setQueryData(['run', 'r-1', 'trail'], []);
    client.setQueryData(['run', 'r-2', 'trail'], []);
    render(
      <QueryClientProvider client={client}>
        <Watching />
      </QueryClientProvider>,
    );
    const isStale = (id: string): boolean | undefined =>
      client.getQueryState(['run', id, 'trail'])?.isInvalidated;
    expect(isStale('r-1')).toBe(false);

    act(() => {
      opened[0]?.onopen?.();
      vi.advanceTimersByTime(500);
    });

    expect([isStale('r-1'), isStale('r-2')]).toEqual([true, false]);
  });
});
