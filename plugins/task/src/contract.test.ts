import { describePlugin } from '@sojourn/plugin-kit/testing';
import { taskPlugin } from './plugin.ts';

/** A list that knows a task by its effect. */
function aList() {
  const standing = new Set<string>();
  return {
    assign: ({ key }: { key: string }) => {
      standing.add(key);
      return Promise.resolve(`task of ${key}`);
    },
    withdraw: (id: string) => Promise.resolve(standing.delete(id.slice('task of '.length))),
    move: () => Promise.resolve(false),
  };
}

describePlugin(taskPlugin({ list: aList() }), {
  actions: {
    assign: {
      endsByPlatform: true,
      config: {
        ...{ queue: 'nurses', title: 'Call', due: 'P1D' },
        outcomes: [{ port: 'reached' }, { port: 'no-answer', again: ['PT4H', 'P1D', 'P3D'] }],
      },
    },
  },
});
