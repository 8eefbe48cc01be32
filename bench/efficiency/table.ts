import { type Figure, isMissed, ratioOf } from './figure.ts';

const HEAD = ['what', 'collector', 'floor', 'ratio', 'at most'];

/** The figures as a Markdown table. */
export function table(figures: readonly Figure[]): string {
  const rows = [HEAD, HEAD.map((_, i) => (i === 0 ? '---' : '---:')), ...figures.map(row)];
  return rows.map(cells => `| ${cells.join(' | ')} |\n`).join('');
}

function row(figure: Figure): readonly string[] {
  const { what, unit, ours, floor } = figure;
  const ratio = ratioOf(figure);
  return [
    what,
    quantity(ours, unit),
    floor === undefined ? '' : quantity(floor, unit),
    ratio === undefined ? '' : ratio.toFixed(2),
    boundOf(figure),
  ];
}

function boundOf(figure: Figure): string {
  const { most, unit } = figure;
  if (most === undefined) return '';
  const bound = most.of === 'ratio' ? `${most.value} times` : quantity(most.value, unit);
  return isMissed(figure) ? `${bound} (missed)` : bound;
}

function quantity(value: number, unit: Figure['unit']): string {
  const digits = value < 10 && !Number.isInteger(value) ? 2 : value < 100 && !Number.isInteger(value) ? 1 : 0;
  const number = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? number : `${number} ${unit}`;
}
