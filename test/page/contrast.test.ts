import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../../src/page/styles/tokens.css', import.meta.url), 'utf8');

/** The colours that a block of custom properties names. */
function colorsIn(block: string): Record<string, string> {
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );
}

/** Relative luminance (WCAG 2.2). */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((m, n) => m - n);
  return (light + 0.05) / (dark + 0.05);
}

const [light = '', dark = ''] = css.split('@media');
const schemes = { light: colorsIn(light), dark: { ...colorsIn(light), ...colorsIn(dark) } };
const surfaces = ['surface', 'surface-raised', 'surface-sunken', 'surface-hover', 'surface-chosen'];
const texts = ['text', 'text-quiet', 'accent', 'good', 'info', 'warn', 'bad', 'violet'];
const others = [
  ['on-accent', 'accent'],
  ['text', 'surface-warn'],
  ['warn', 'surface-warn'],
  ['text', 'surface-bad'],
  ['bad', 'surface-bad'],
] as const;

describe.each(Object.entries(schemes))('in the %s scheme', (_, colors) => {
  test.each(texts)('%s can be read on every surface', (text) => {
    for (const surface of surfaces) {
      expect(contrast(colors[text]!, colors[surface]!), surface).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(others)('%s can be read on %s', (text, surface) => {
    expect(contrast(colors[text]!, colors[surface]!)).toBeGreaterThanOrEqual(4.5);
  });

  // WCAG 2.2, 1.4.11: the parts that identify a control or a chart need a ratio of 3.
  test.each(['line-strong', 'accent'])('%s can be seen on every surface', (line) => {
    for (const surface of surfaces) {
      expect(contrast(colors[line]!, colors[surface]!)).toBeGreaterThanOrEqual(3);
    }
  });
});
