import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const run = promisify(execFile);

/** Nothing but the page that is asked for: no updates, no accounts, no other protocol, no other host than loopback. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/** Where a Chromium is installed; undefined where none is, which is an error where CI or BROWSER_REQUIRED says so. */
export async function installedChromium(): Promise<string | undefined> {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = await run('which', [name]).catch(() => undefined);
    if (found !== undefined) return found.stdout.trim();
  }
  const lack = 'no Chromium is installed (Debian: chromium): the pages are not seen by a browser';
  if (process.env.CI || process.env.BROWSER_REQUIRED) throw new Error(lack);
  process.stderr.write(`${lack}\n`);
  return undefined;
}

/** A headless one with a new, empty profile. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

export interface Seen {
  readonly page: Page;
  /** What a page must not bring about: words on the console, dialogs, breaches of the policy, requests beyond loopback. */
  readonly troubles: () => Promise<readonly string[]>;
}

export async function open(browser: Browser, options: BrowserContextOptions): Promise<Seen> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', message => troubles.push(`console: ${message.text()}`));
  page.on('pageerror', error => troubles.push(`error: ${error.message}`));
  page.on('dialog', dialog => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', request => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:' && hostname !== 'localhost') troubles.push(`request: ${request.url()}`);
  });
  await context.exposeFunction('breached', (what: string) => void troubles.push(`policy: ${what}`));
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', event =>
    breached(event.violatedDirective + ' ' + event.blockedURI))`);
  return {
    page,
    async troubles() {
      // What the page said last is on its way.
      await page.waitForTimeout(100);
      return troubles;
    },
  };
}
