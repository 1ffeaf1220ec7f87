// Bundles the program into a few modules: a command that loads hundreds of small ones spends most of its time on that.
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** What every command loads and what loads slowly by itself; other packages stay as npm installed them. */
const bundled = /^(yaml|ajv|isomorphic-git|dockerode|postgres|tar-stream)(\/|$)/;

/**
 * Writes dist/reconciler/cli.js and its chunks.
 * @param {{ readonly checkout: string, readonly dist: string }} places
 */
export async function bundle({ checkout, dist }) {
  const home = join(checkout, 'reconciler');
  await build({
    ...shared(checkout),
    entryPoints: [join(home, 'cli.ts')],
    outdir: join(dist, 'reconciler'),
    splitting: true,
    chunkNames: 'part-[hash]',
    legalComments: 'linked',
    banner: { js: requireOfModule },
    plugins: [
      keepPackages,
      loadLate,
      keepPlaces(home),
      useValidators(await compileValidators({ checkout, dist })),
    ],
  });
}

/** Packages in CommonJS look for Node's own modules by themselves. */
const requireOfModule = [
  "import { createRequire as requireFrom } from 'node:module';",
  'const require = requireFrom(import.meta.url);',
].join('\n');

/** @param {string} checkout */
function shared(checkout) {
  return /** @type {const} */ ({
    absWorkingDir: checkout,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
}

/** @type {import('esbuild').Plugin} */
const keepPackages = {
  name: 'keep-packages',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point') return null;
      if (importer.includes('node_modules') || bundled.test(path)) return null;
      return { path, external: true };
    });
  },
};

/**
 * What dockerode loads at once for ssh and for BuildKit, most of its code and seldom used, is loaded when it is called,
 * and from its own place, beside which it keeps its files.
 * @type {import('esbuild').Plugin}
 */
const loadLate = {
  name: 'load-late',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\/(ssh|session|buildkit)(\.js)?$/ }, ({ path, importer }) => {
      const [, name] = /node_modules[\\/](dockerode|docker-modem)[\\/]lib[\\/]/.exec(importer) ?? [];
      return name === undefined ? null : { path: `${name}/lib/${path.slice(2)}`, namespace: 'late' };
    });
    bundler.onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({
      contents: `
        const load = () => require('node:module').createRequire(require.resolve('dockerode'))('${path}');
        module.exports = new Proxy(function late() {}, {
          get: (_, key) => load()[key],
          apply: (_, self, args) => Reflect.apply(load(), self, args),
        });`,
    }));
  },
};

/**
 * All chunks lie in one folder, so that the address of a module is said from there.
 * @param {string} home
 * @returns {import('esbuild').Plugin}
 */
function keepPlaces(home) {
  return {
    name: 'keep-places',
    setup(bundler) {
      bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (path.includes('node_modules') || !source.includes('import.meta.url')) return null;
        const place = relative(home, path);
        return {
          loader: 'ts',
          contents: source.replaceAll(
            'import.meta.url',
            `new URL(${JSON.stringify(place)}, import.meta.url).href`,
          ),
        };
      });
    },
  };
}

/**
 * @param {string} source
 * @returns {import('esbuild').Plugin}
 */
function useValidators(source) {
  return {
    name: 'use-validators',
    setup(bundler) {
      bundler.onLoad({ filter: /[\\/]manifest[\\/]validator\.ts$/ }, () => ({
        contents: source,
        loader: 'js',
      }));
    },
  };
}

/** @param {{ readonly checkout: string, readonly dist: string }} places */
async function compileValidators({ checkout, dist }) {
  const program = join(dist, 'precompile.js');
  await build({
    ...shared(checkout),
    entryPoints: [join(checkout, 'reconciler', 'precompile.ts')],
    outfile: program,
    packages: 'external',
  });
  const { validatorModule } = await import(pathToFileURL(program).href);
  await rm(program);
  return validatorModule();
}
