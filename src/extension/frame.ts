import { createHash } from 'node:crypto';
import { type Html, html, raw } from './html.ts';
import type { Page } from './server.ts';
import { STYLE } from './style.ts';

export interface Frame {
  readonly title: string;
  /** Seconds until a browser asks again; absent when it does not. */
  readonly refreshS?: number | undefined;
  readonly tone?: Tone;
  readonly body: Html;
  /** By default 200. */
  readonly status?: number;
}

/** How all is; shown by the icon too, which stands in a browser's tab. */
export type Tone = 'good' | 'wait' | 'bad';

const ICON_COLOURS = { good: '%231a7f4b', wait: '%23e0a030', bad: '%23b3261e' } as const;

/** The hash that lets exactly our own style through. */
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
/** No script, nothing from elsewhere; a form may ask this server alone. */
const POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** A whole page, which runs nothing and loads nothing. */
export function framed({ title, refreshS, tone = 'good', body, status = 200 }: Frame): Page {
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refreshS === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshS}">`}
<title>${title} - openai-audit-collector</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='${raw(ICON_COLOURS[tone])}'/%3E%3C/svg%3E">
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
  return { status, type: 'text/html; charset=utf-8', body: text, headers: { 'content-security-policy': POLICY } };
}
