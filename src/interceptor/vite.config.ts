import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';
import { manifestOf } from './manifest.ts';

const packageFile = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

export default defineConfig({
  base: './',
  plugins: [
    {
      name: 'manifest',
      generateBundle() {
        const source = JSON.stringify(manifestOf(version), null, 2);
        this.emitFile({ type: 'asset', fileName: 'manifest.json', source });
      },
    },
  ],
  build: {
    outDir: '../../dist/interceptor',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { worker: 'worker.ts', popup: 'popup.html' },
      // The manifest names the worker.
      output: { entryFileNames: '[name].js' },
      checks: { pluginTimings: false },
    },
  },
});
