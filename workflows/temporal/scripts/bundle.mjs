// Bundles the workflow for the worker, so that nothing is bundled at start: dist/workflow-bundle.js.
//
// Every process that works holds the bundle's text several times over. So its source map names places and carries no sources, and
// the text is ASCII: one character beyond Latin-1, and V8 keeps all of it at two bytes a character.
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
      devtool: 'inline-nosources-source-map',
      resolve: {
        ...config.resolve,
        conditionNames: ['@sojourn/source', '...'],
        extensionAlias: { '.js': ['.ts', '.js'] },
      },
    }),
  });
  return asciiOf(code);
}

/** The same code: an escape means the same in a string, a template, a regular expression and a name; in a comment nothing is meant. */
function asciiOf(code) {
  return code.replace(
    /[^\x00-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await mkdir(new URL('../dist/', import.meta.url), { recursive: true });
  await writeFile(target, await bundle());
}
