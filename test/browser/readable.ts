import type { Page } from 'playwright-core';

/** By WCAG 2.2 level AA for text of normal size. */
const LEAST_CONTRAST = 4.5;

/** Texts of a page that stand out too little from what is behind them, with their contrast. */
export async function faintTexts(page: Page): Promise<readonly string[]> {
  const texts = await page.evaluate(textsAndColours);
  return texts
    .map(({ text, colour, ground }) => ({ text, contrast: contrastOf(channels(colour), channels(ground)) }))
    .filter(({ contrast }) => contrast < LEAST_CONTRAST)
    .map(({ text, contrast }) => `${contrast.toFixed(1)}: ${text}`);
}

/** As much of an element as is asked, in the page: the program itself knows nothing of a document. */
interface PageElement {
  readonly localName: string;
  readonly namespaceURI: string;
  readonly textContent: string;
  readonly parentElement: PageElement | null;
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string }>;
  closest(selector: string): PageElement | null;
  querySelector(selector: string): PageElement | null;
  getClientRects(): { readonly length: number };
}

declare const document: { querySelectorAll(selector: string): Iterable<PageElement> };
declare function getComputedStyle(element: PageElement): Readonly<Record<'color' | 'fill' | 'backgroundColor', string>>;

/** Runs in the page. */
function textsAndColours() {
  const isDrawn = ({ namespaceURI }: PageElement) => namespaceURI.endsWith('/svg');
  const groundOf = (element: PageElement): string => {
    const box = element.closest('a, .centre, .unseen')?.querySelector('rect');
    if (isDrawn(element) && box) return getComputedStyle(box).fill;
    for (let at: PageElement | null = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const saysSomething = ({ childNodes }: PageElement) =>
    [...childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent.trim() !== '');
  return [...document.querySelectorAll('body *')]
    .filter(element => saysSomething(element) && element.localName !== 'title' && element.getClientRects().length > 0)
    .map(element => {
      const { color, fill } = getComputedStyle(element);
      const text = element.textContent.trim().slice(0, 60);
      return { text, colour: isDrawn(element) ? fill : color, ground: groundOf(element) };
    });
}

function channels(colour: string): readonly number[] {
  return (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}

function contrastOf(one: readonly number[], other: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb
    .map(each => each / 255)
    .map(each => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What can be used and has no name, as it stands in the page. */
export async function namelessParts(page: Page): Promise<readonly string[]> {
  return page.evaluate<
    string[]
  >(`[...document.querySelectorAll('a, button, input:not([type=hidden]), svg[role], progress, [tabindex]')]
    .filter(({ id, textContent, ariaLabel }) =>
      !(textContent.trim() || ariaLabel || document.querySelector('label[for="' + id + '"]')?.textContent))
    .map(({ outerHTML }) => outerHTML)`);
}
