// A program that uses the client that OpenAPI Generator makes of the contract.
import { Configuration, KeysApi, ResponseError } from './generated/index.js';

declare const process: { argv: string[] };

const keys = new KeysApi(new Configuration({ basePath: process.argv[2] }));
const key = 'typescript/é and a+slash;%';

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

async function fails(status: number, code: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    check(error.response.status === status, `${error.response.status} is ${status}`);
    const problem = await error.response.json();
    check(problem.type === `/problems/${code}`, `${problem.type} is ${code}`);
    return;
  }
  check(false, `${code} is told`);
}

const value = Uint8Array.from({ length: 256 }, (_, i) => i);
const created = await keys.putKeyRaw({ key, body: new Blob([value]), ifNoneMatch: '*' });
check(created.raw.status === 201, 'the key is created');
const etag = created.raw.headers.get('ETag')!;

const read = await keys.getKeyRaw({ key });
const bytes = new Uint8Array(await (await read.value()).arrayBuffer());
check(bytes.length === 256 && bytes.every((byte, i) => byte === i), 'bytes come back');
check(read.raw.headers.get('ETag') === etag, 'the read tells the version');

await keys.putKey({ key, body: new Blob(['2']), ttl: '1h', ifMatch: etag });
await fails(412, 'precondition-failed', () => keys.putKey({ key, body: new Blob(['3']), ifMatch: etag }));
await keys.touchKey({ key, ttl: 'none' });
check((await keys.getKeyRaw({ key })).raw.headers.get('Nebula-Expires') === null, 'an expiry is taken away');

await keys.deleteKey({ key });
await fails(404, 'key-not-found', () => keys.getKey({ key }));
