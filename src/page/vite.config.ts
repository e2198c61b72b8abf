import { defineConfig } from 'vite';

export default defineConfig({
  // The page may be served under any address.
  base: './',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // A data: URL in a style sheet would need a wider Content-Security-Policy than ours.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // A busy machine is no fault of the build.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
