// A process of its own, to be killed or starved: polls and reads one source, and says how it ended.
import { createSource } from '../../reconciler/git/source.ts';
import { isSyncError } from '../../reconciler/model/error.ts';
import { name } from '../../reconciler/model/ids.ts';

const [repository = '', cacheDirectory = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const source = createSource({ name: name('shop'), repository, cacheDirectory, ref: 'main', path: '' });
try {
  await source.read(await source.poll(signal), signal);
  console.log('read');
} catch (error) {
  console.log(isSyncError(error) ? error.code : error);
} finally {
  await source.close();
}
