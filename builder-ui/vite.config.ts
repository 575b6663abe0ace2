import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  resolve: {
    conditions: ['@sojourn/source', 'module', 'browser', 'development|production'],
    alias: {
      '@rjsf/validator-ajv8': fileURLToPath(
        new URL('src/inspector/form/no-test-registry.ts', import.meta.url),
      ),
    },
  },
  json: { namedExports: false },
  // `tsc -b` writes its declarations beside it, into dist/types.
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    // The content policy allows no data: fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      // Our packages are free of side effects: of their many exports a chunk holds what it uses.
      treeshake: { moduleSideEffects: (id) => !/\/(schemas|workflows\/engine)\/src\//.test(id) },
    },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': 'http://127.0.0.1:4400' } },
});
