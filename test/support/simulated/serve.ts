// A simulated engine in a process of its own, so that what it costs is not taken for what its client costs:
// `serve.ts SOCKET IMAGE...`. Ends with its standard input.
import { startSimulatedEngine } from './engine.ts';
import { loadImage, publishImage } from './images.ts';

const [socketPath = '', ...images] = process.argv.slice(2);
const engine = await startSimulatedEngine({ socketPath });
for (const image of images) loadImage(engine.host, publishImage(engine.host, image), image);
process.stdin.resume();
process.stdin.once('end', () => void engine.close());
console.log('listening');
