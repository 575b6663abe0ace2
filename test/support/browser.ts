import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { chromium, type Browser } from 'playwright-core';

/**
 * A browser: the one named by SOJOURN_TEST_BROWSER, else one that playwright has downloaded, else the one that comes with an
 * npm package (Linux, x86-64), else Chrome where it is installed.
 */
export async function openBrowser(): Promise<Browser> {
  const named = process.env['SOJOURN_TEST_BROWSER'];
  if (named !== undefined && named !== '')
    return await chromium.launch({ executablePath: named, args: ['--no-sandbox'] });
  if (existsSync(chromium.executablePath()))
    return await chromium.launch({ args: ['--no-sandbox'] });
  if (process.platform === 'linux' && process.arch === 'x64') {
    return await chromium.launch({
      executablePath: await sparticuz.executablePath(),
      args: sparticuz.args,
    });
  }
  return await chromium.launch({ channel: 'chrome' });
}
