import { defineConfig } from 'vite';

export default defineConfig({
  // The page may be served under any address.
  base: './',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // Our Content-Security-Policy does not allow data: URLs in style sheets.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Slow plugins are not a fault of the build on a busy machine.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
