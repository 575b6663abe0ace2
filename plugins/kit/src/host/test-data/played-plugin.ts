import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openJournal } from '../../journal.ts';
import type { ProviderMood, SandboxItem } from '../../contract.ts';
import { definePlugin } from '../../define.ts';

// A plugin whose outside world can be killed, and tells what it holds.

export const played = definePlugin({
  ...{ id: 'played', version: '1.0.0', apiVersion: 1, icon: 'bell', category: 'message' },
  name: { en: 'Played' },
  description: { en: 'Has an outside world.' },
  actions: {},
  events: { 'played.heard': { title: { en: 'Heard' }, schema: { type: 'object' } } },
  sandbox: {
    async start({ directory, port = 0 }) {
      const items = new Map<string, SandboxItem>();
      const watchers = new Set<(item: SandboxItem) => void>();
      const journal = openJournal<SandboxItem>(directory, 'items.jsonl', (item) =>
        items.set(item.id, item),
      );
      let mood: ProviderMood = 'well';
      const server = createServer((_request, response) => response.end(mood));
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      const put = (item: SandboxItem): SandboxItem => {
        journal.append(item);
        items.set(item.id, item);
        for (const watcher of watchers) watcher(item);
        return item;
      };
      return {
        connection: {
          type: 'line',
          settings: { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
        },
        items: ({ to }) =>
          Promise.resolve([...items.values()].filter((item) => to === undefined || item.to === to)),
        item: (id) => Promise.resolve(items.get(id)),
        act: (id, { type }) => {
          if (type === 'die') process.exit(3);
          if (type !== 'read') return Promise.reject(new Error(`nobody can '${type}' it`));
          put({ ...(items.get(id) as SandboxItem), state: 'read' });
          return Promise.resolve([]);
        },
        begin: ({ to }) =>
          Promise.resolve(
            put({
              ...{ id: `i${items.size + 1}`, to: to as string },
              holds: Object.keys(process.env).toSorted(),
            }),
          ),
        behave: (next) => {
          mood = next;
        },
        watch: (onArrival) => {
          watchers.add(onArrival);
          return () => watchers.delete(onArrival);
        },
        close: () =>
          new Promise((resolve) => {
            journal.close();
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      };
    },
  },
});
