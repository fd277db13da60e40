// A program that uses the client that OpenAPI Generator makes of the contract.
import { Configuration, KeysApi, ManyKeysApi, ResponseError, type Transaction } from './generated/index.js';

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
  check(false, `${code} is reported`);
}

const value = Uint8Array.from({ length: 256 }, (_, i) => i);
const created = await keys.putKeyRaw({ key, body: new Blob([value]), ifNoneMatch: '*' });
check(created.raw.status === 201, 'the key is created');
const etag = created.raw.headers.get('ETag')!;

const read = await keys.getKeyRaw({ key });
const bytes = new Uint8Array(await (await read.value()).arrayBuffer());
check(bytes.length === 256 && bytes.every((byte, i) => byte === i), 'bytes come back');
check(read.raw.headers.get('ETag') === etag, 'the read returns the version');

await keys.putKey({ key, body: new Blob(['2']), ttl: '1h', ifMatch: etag });
await fails(412, 'precondition-failed', () => keys.putKey({ key, body: new Blob(['3']), ifMatch: etag }));
await keys.touchKey({ key, ttl: 'none' });
check((await keys.getKeyRaw({ key })).raw.headers.get('Nebula-Expires') === null, 'an expiry is taken away');

check(await keys.addToKey({ key: 'typescript/n', add: 5 }) === '5', 'a counter begins');
check(await keys.addToKey({ key: 'typescript/n', add: -7, ttl: '1h' }) === '-2', 'and goes on');

// Batches are left out: this generator takes a stream of lines for a single one.
const many = new ManyKeysApi(new Configuration({ basePath: process.argv[2] }));
check((await many.touchKeys({ prefix: 'typescript/n', ttl: '2h' })).touched === 1, 'a prefix is touched');
check((await many.deleteKeys({ prefix: 'typescript/n' })).deleted === 1, 'the counter is deleted');
const transaction: Transaction = {
  _if: [{ key: 'typescript/txn', _exists: false }],
  then: [{ op: 'put', key: 'typescript/txn', value: '1' }],
  _else: [{ op: 'get', key: 'typescript/txn' }],
};
check((await many.transact({ transaction })).succeeded, 'a transaction is done');
const again = await many.transact({ transaction });
check(!again.succeeded && again.results[0].value === '1', 'it is not done twice, and reads instead');

const page = await many.listKeys({ prefix: 'typescript/', limit: 1 });
check(page.keys[0].key === 'typescript/txn', 'keys are listed in their order');
const next = await many.listKeys({ prefix: 'typescript/', limit: 1, cursor: page.cursor });
check(next.keys[0].key === key, 'the cursor leads on');
const values = await many.listKeys({ prefix: 'typescript/t', values: true });
check(values.keys[0].value === '1', 'values are listed');
const counted = await many.listKeys({ prefix: 'typescript/t', count: true });
check(counted.count === 1 && counted.exact === true, 'keys are counted');
check((await many.deleteKeys({ prefix: 'typescript/t' })).deleted === 1, 'a prefix is deleted');

await keys.deleteKey({ key });
await fails(404, 'key-not-found', () => keys.getKey({ key }));
