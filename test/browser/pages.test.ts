import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../src/telemetry/status.ts';
import { until } from '../support/process.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { installedChromium, launch, open } from './browser.ts';
import { faintTexts, namelessParts } from './readable.ts';

const EVIL = '<script>alert("planted")</script><img src=x onerror=alert(1)>\u001b[2J\u202e';
const SHOWN = '<script>alert("planted")</script><img src=x onerror=alert(1)>\ufffd[2J\ufffd';
const chromium = await installedChromium();
/** Pictures stay there, to be looked at: SCREENSHOTS, or else a temporary directory. */
const pictures = process.env.SCREENSHOTS ?? (await mkdtemp(join(tmpdir(), 'openai-audit-pages-')));

let browser: Browser;
let stage: Stage;
let home: string;

beforeAll(async () => {
  if (chromium === undefined) return;
  await mkdir(pictures, { recursive: true });
  browser = await launch(chromium);
  stage = await openStage({
    content: { kind: 'story', seed: 'pages', historyMs: 86_400_000, size: { projects: 6, users: 150, groups: 4 } },
    inventory: {},
    health: { show_events: true },
    serves: true,
  });
  const { emulator, backend } = stage;
  const project = emulator.organization.estate.projects[1];
  if (project !== undefined) project.name = EVIL;
  const refused = [...emulator.organization.listed('organization')].slice(3, 5).map(({ id }) => id);
  backend.answerWith(({ records }) =>
    records.some(({ uid }) => refused.includes(uid)) ? { status: 400, body: EVIL } : {},
  );
  const collector = await stage.run();
  const [, url = ''] = await collector.line(/(http:\/\/localhost:\d+)\/"/);
  home = url;
  await until(
    'everything to be collected',
    async () => {
      const { organizations } = (await (await fetch(`${home}/status`)).json()) as Status;
      const [organization] = organizations;
      const isCovered = organization?.streams.every(
        ({ gapSeconds, covered }) => gapSeconds === 0 && covered.length > 0,
      );
      return isCovered === true && organization?.inventory?.endedAtMs !== undefined && organization.parked.length > 0;
    },
    90_000,
  );
}, 150_000);

afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

const LOOKS = (['light', 'dark'] as const).flatMap(colorScheme =>
  [1280, 360].map(width => ({ colorScheme, width, name: `${colorScheme}-${width}` })),
);

describe.skipIf(chromium === undefined)('in a real browser', () => {
  it.each(LOOKS)(
    'the status page shows everything, $colorScheme, $width wide',
    async ({ colorScheme, width, name }) => {
      const { page, troubles } = await open(browser, { colorScheme, viewport: { width, height: 900 } });
      await page.goto(`${home}/`);
      await page.screenshot({ path: join(pictures, `status-${name}.png`), fullPage: true });
      for (const text of [
        'Stream organization',
        'Stream tenant',
        'Delivery',
        'Parked',
        'Inventory',
        'Requests',
        'Newest events',
      ]) {
        await page.getByRole('heading', { name: text }).waitFor();
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await faintTexts(page)).toEqual([]);
      expect(await troubles()).toEqual([]);
    },
  );

  it.each(LOOKS)(
    'the picture of the organization is readable, $colorScheme, $width wide',
    async ({ colorScheme, width, name }) => {
      const { page, troubles } = await open(browser, { colorScheme, viewport: { width, height: 900 } });
      await page.goto(`${home}/graph`);
      await page.screenshot({ path: join(pictures, `graph-${name}.png`), fullPage: true });
      await page
        .getByRole('link', { name: /^\d+ users$/ })
        .first()
        .waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(await faintTexts(page)).toEqual([]);
      expect(await troubles()).toEqual([]);
    },
  );

  it('the picture of the organization fits a window that is a little narrower than it', async () => {
    const { page } = await open(browser, { viewport: { width: 960, height: 900 } });
    await page.goto(`${home}/graph`);
    expect(await page.locator('svg.graph').getAttribute('width')).toBe('948');
    const hidden = "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.scroll'))";
    expect(await page.evaluate<number>(hidden)).toBe(0);
  });

  it('is another picture in the dark', async () => {
    for (const what of ['status', 'graph']) {
      const [light, dark] = await Promise.all(
        ['light', 'dark'].map(scheme => readFile(join(pictures, `${what}-${scheme}-1280.png`))),
      );
      expect(Math.min(light?.length ?? 0, dark?.length ?? 0)).toBeGreaterThan(20_000);
      expect(light?.equals(dark ?? Buffer.from(''))).toBe(false);
    }
  });

  it('the picture is walked by clicking, without any script: organization, users, one of them, a project, and back', async () => {
    const { page, troubles } = await open(browser, {
      javaScriptEnabled: false,
      viewport: { width: 1280, height: 900 },
    });
    const title = () => page.locator('h1').innerText();
    await page.goto(`${home}/`);
    await page.getByRole('link', { name: 'see it as a picture' }).click();
    expect(await title()).toBe('organization acme');
    await page
      .locator('svg.graph')
      .getByRole('link', { name: /^\d+ users$/ })
      .click();
    expect(await title()).toMatch(/^1\d\d users$/);
    await page.getByRole('link', { name: 'next' }).click();
    expect(await page.getByText('page 2 of 2').count()).toBe(1);

    const member = memberOfSome(stage);
    await page.getByRole('searchbox', { name: 'Name, id or mail address' }).fill(member.id);
    await page.getByRole('button', { name: 'find' }).click();
    expect(await title()).toBe('1 found');
    await page.getByRole('table').getByRole('link').click();
    expect(await title()).toContain('user ');
    await page.screenshot({ path: join(pictures, 'user.png'), fullPage: true });
    await page
      .locator('svg.graph')
      .getByRole('link', { name: /^project / })
      .first()
      .click();
    expect(await title()).toMatch(/^project /);
    await page.screenshot({ path: join(pictures, 'project.png'), fullPage: true });
    expect(await page.locator('svg.graph .how', { hasText: 'member of' }).count()).toBeGreaterThan(0);
    await page.locator('svg.graph').getByRole('link', { name: 'organization acme' }).click();
    expect(await title()).toBe('organization acme');
    await page.getByRole('link', { name: 'status' }).click();
    expect(await page.title()).toContain('openai-audit-collector');
    expect(await troubles()).toEqual([]);
  });

  it('the picture is walked by keys alone, and shows where they are', async () => {
    const { page } = await open(browser, { viewport: { width: 1280, height: 900 } });
    await page.goto(`${home}/graph`);
    const focused = () => page.evaluate<string>("document.activeElement.querySelector('title')?.textContent ?? ''");
    for (let i = 0; i < 60 && !(await focused()).includes('projects'); i++) await page.keyboard.press('Tab');
    expect(
      await page.evaluate<string>(
        "getComputedStyle(document.activeElement.querySelector('rect:last-of-type')).strokeWidth",
      ),
    ).toBe('2px');
    await page.keyboard.press('Enter');
    await page.waitForURL(/type=resource/);
    expect(await page.locator('h1').innerText()).toMatch(/^\d+ projects$/);
  });

  it('everything that can be used has a name, and each page one title and its language', async () => {
    const { page } = await open(browser, {});
    for (const path of ['/', '/graph', '/graph?kind=user']) {
      await page.goto(`${home}${path}`);
      expect(await namelessParts(page)).toEqual([]);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      expect(await page.locator('main').count()).toBe(1);
    }
  });

  it('what others named, or said, stays text', async () => {
    const { page, troubles } = await open(browser, {});
    await page.goto(`${home}/`);
    expect(await page.getByRole('region', { name: 'parked records' }).innerText()).toContain('<script>');
    await page.goto(`${home}/graph?kind=project`);
    await page.getByRole('link', { name: SHOWN }).click();
    expect(await page.locator('h1').innerText()).toBe(`project ${SHOWN}`);
    expect(await page.locator('svg.graph .centre .name').textContent()).toBe(SHOWN);
    expect(await page.locator('script, img').count()).toBe(0);
    expect(await troubles()).toEqual([]);
  });

  it('is renewed by itself until it is paused', async () => {
    const { page } = await open(browser, {});
    await page.goto(`${home}/`);
    const loads = () => page.evaluate<number>('performance.timeOrigin');
    const first = await loads();
    await until('the page to be renewed', async () => (await loads()) > first, 20_000);
    await page.getByRole('link', { name: 'pause' }).click();
    expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(0);
  });
});

/** Somebody whose picture shows a project. */
function memberOfSome({ emulator }: Stage): { readonly id: string } {
  const { users, projects } = emulator.organization.estate;
  const found = users.find(({ id }) =>
    projects.some(({ members, archivedAt }) => archivedAt === null && members.has(id)),
  );
  if (found === undefined) throw new Error('nobody is a member of a project');
  return found;
}
