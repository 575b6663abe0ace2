import { defineConfig } from 'vitest/config';

// `quick`: units, properties, contracts on twins; no server. `contract`: every plugin against its sandbox. `whole`: stories over the real servers and a browser, one after the
// other. `long`: what takes minutes of waiting, or of one core.
const conditions = ['@sojourn/source', 'node'];
const shared = { ssr: { resolve: { conditions } }, resolve: { conditions } };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'quick',
          include: [
            '{schemas,workflows/*,plugins/*,platform/*,builder-ui}/src/**/*.test.{ts,tsx}',
            'test/stories/**/*.test.ts',
            'scripts/**/*.test.mjs',
            'own-plugins/**/*.test.ts',
          ],
          exclude: [
            ...['**/node_modules/**', '**/dist/**', '**/*.{whole,long}.test.ts'],
            'plugins/*/src/contract.test.ts',
          ],
          environment: 'node',
          maxWorkers: '100%', // by default one core is left idle: with two that is half of them
        },
      },
      {
        ...shared,
        test: {
          name: 'contract',
          include: ['plugins/*/src/contract.test.ts'],
          fileParallelism: false, // they measure time and memory
        },
      },
      {
        ...shared,
        test: {
          name: 'whole',
          include: ['**/*.whole.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'long',
          include: ['**/*.long.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
