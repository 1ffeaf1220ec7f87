// Builds the dashboard's pages into dist/dashboard/web.
import { join } from 'node:path';
import { build } from 'vite';
import solid from 'vite-plugin-solid';

/** @param {{ readonly checkout: string, readonly dist: string }} places */
export async function buildPages({ checkout, dist }) {
  await build({
    root: join(checkout, 'dashboard', 'web'),
    configFile: false,
    plugins: [solid()],
    logLevel: 'error',
    build: {
      outDir: join(dist, 'dashboard', 'web'),
      emptyOutDir: true,
      target: 'es2022',
      // The policy of the pages forbids what is written into them.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
}
