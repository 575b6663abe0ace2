// Bundles the workflow for the worker, so that nothing is bundled at start: dist/workflow-bundle.js.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const workflowsPath = fileURLToPath(new URL('../src/workflow/index.ts', import.meta.url));
const vendorPath = fileURLToPath(new URL('../src/workflow/vendor.ts', import.meta.url));
const failureConverterPath = fileURLToPath(
  new URL('../converter/failure-converter.cjs', import.meta.url),
);
const target = new URL('../dist/workflow-bundle.js', import.meta.url);

export async function bundle() {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    failureConverterPath,
    preloadModules: [vendorPath],
    logger: {
      log() {},
      trace() {},
      debug() {},
      info() {},
      warn: console.warn,
      error: console.error,
    },
    webpackConfigHook: (config) => ({
      ...config,
      resolve: {
        ...config.resolve,
        conditionNames: ['@sojourn/source', '...'],
        extensionAlias: { '.js': ['.ts', '.js'] },
      },
    }),
  });
  return code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(new URL('../dist/', import.meta.url), { recursive: true });
  await writeFile(target, await bundle());
}
