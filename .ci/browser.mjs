// Drives Chromium through chromedriver, for the check 27-browser: node browser.mjs STORE TOKEN CASE... A case opens a
// page of another port of this machine, or of the store itself, and runs functions in it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const [store, token, ...names] = process.argv.slice(2);
const port = new URL(store).port;

// One port for pages, which the check has told the store.
const pages = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<!doctype html><p>page'));
await once(pages.listen(Number(process.env.PAGES), '127.0.0.1'), 'listening');
const page = `http://localhost:${process.env.PAGES}/`;

const driver = spawn('chromedriver', ['--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] });
let base;
for await (const line of createInterface({ input: driver.stdout })) {
  const started = /started successfully on port (\d+)/.exec(line);
  if (started) {
    base = `http://127.0.0.1:${started[1]}/session`;
    break;
  }
}
driver.stdout.resume();

async function command(method, path, body) {
  const answer = await fetch(base + path, { method, body: body && JSON.stringify(body) });
  const { value } = await answer.json();
  assert.ok(answer.ok, `${path}: ${value?.message}`);
  return value;
}

const options = {
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--window-size=1400,1800',
    '--host-resolver-rules=MAP evil.example 127.0.0.1'],
};
const { sessionId } = await command('POST', '', {
  capabilities: { alwaysMatch: { 'goog:chromeOptions': options, 'goog:loggingPrefs': { browser: 'ALL' } } },
});
const open = (url) => command('POST', `/${sessionId}/url`, { url });

/** Runs an asynchronous function in the page. A failure of it becomes {error}. */
const run = (of, ...args) => command('POST', `/${sessionId}/execute/async`, {
  script: `const [...args] = arguments; const done = args.pop();
    (${of})(...args).then(done, (e) => done({ error: String(e) }));`,
  args,
});

// What runs in the page.

async function ask(url, options) {
  const answer = await fetch(url, options);
  const names = ['ETag', 'Last-Modified', 'Nebula-Expires', 'Link', 'Retry-After', 'WWW-Authenticate', 'Date'];
  const headers = Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]));
  return { status: answer.status, type: answer.type, text: await answer.text(), headers };
}

/** The first event of a stream, or what became of it. */
function listen(url) {
  return new Promise((done) => {
    const source = new EventSource(url);
    const end = (value) => { source.close(); done(value); };
    source.onopen = () => fetch(url.replace(/\/watch.*/, '/kv/watched'), { method: 'PUT', body: 'v' });
    source.addEventListener('put', (event) => end({ data: event.data }));
    source.onerror = () => end({ error: 'refused' });
  });
}

/** The same with fetch, which can send a token. */
async function stream(url, headers) {
  const answer = await fetch(url, { headers });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  await fetch(url.replace(/\/watch.*/, '/kv/watched'), { method: 'PUT', body: 'v', headers });
  let text = '';
  while (!text.includes('event: put')) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return { status: answer.status, text };
}

/** Elements load without asking, and a form needs no script. */
function load(url) {
  const tried = (tag, property) => new Promise((done) => {
    const element = document.createElement(tag);
    element[property] = url;
    element.onload = () => done('loaded');
    element.onerror = () => done('refused');
    document.body.append(element);
  });
  return Promise.all([tried('img', 'src'), tried('script', 'src')]);
}

async function post(url) {
  const frame = document.createElement('iframe');
  frame.name = 'frame';
  document.body.append(frame);
  const form = Object.assign(document.createElement('form'),
    { action: url, method: 'post', enctype: 'text/plain', target: 'frame' });
  form.innerHTML = `<input name='{"op":"put","key":"formed","value":"' value='"}'>`;
  document.body.append(form);
  const loaded = new Promise((done) => { frame.onload = done; });
  form.submit();
  await loaded;
}

const line = (key) => `{"op":"put","key":"${key}","value":"x"}\n`;

// The cases.

const cases = {
  /** A page that nobody has allowed. The check looks afterwards that nothing has changed. */
  async foreign() {
    await open(page);
    for (const [path, options] of [
      ['/kv/seed'], ['/kv/seed', { headers: { 'If-None-Match': '"1"' } }], ['/keys'], ['/watch?prefix='],
      ['/v3/api-docs'], ['/actuator/health'], ['/swagger-ui/index.html'],
      ['/kv/seed', { method: 'PUT', body: 'x' }],
      ['/kv/seed', { method: 'PUT', body: 'x', headers: { 'If-Match': '*' } }],
      ['/kv/seed', { method: 'DELETE' }], ['/kv/seed?ttl=1s', { method: 'PATCH' }],
      ['/keys?prefix=', { method: 'DELETE' }],
      ['/batch', { method: 'POST', body: line('batched') }],
      ['/txn', { method: 'POST', body: '{"then":[{"op":"delete","key":"seed"}]}' }],
    ]) {
      const answer = await run(ask, store + path, options);
      assert.match(answer.error ?? '', /Failed to fetch/, `${path} was readable`);
    }
    // These are sent without asking.
    for (const path of ['/kv/seed', '/keys', '/batch', '/txn']) {
      const method = ['/batch', '/txn'].includes(path) ? 'POST' : 'GET';
      const opaque = await run(ask, store + path,
        { mode: 'no-cors', method, body: method === 'POST' ? line('opaque') : undefined });
      assert.ok(opaque.error || (opaque.type === 'opaque' && opaque.text === ''), `${path} was readable`);
    }
    assert.deepEqual(await run(listen, `${store}/watch?prefix=`), { error: 'refused' });
    assert.deepEqual(await run(load, `${store}/kv/seed`), ['refused', 'refused']);
    await run(post, `${store}/batch`);
  },

  /** A page whose name resolves to this machine: it is of the same origin as the store. */
  async rebinding() {
    await open(`http://evil.example:${port}/kv/seed`);
    const shown = await run(async () => document.body.innerText);
    assert.match(shown, /host-not-allowed/);
    for (const [path, options] of [
      ['/kv/seed'], ['/keys'], ['/kv/seed', { method: 'PUT', body: 'x' }], ['/kv/seed', { method: 'DELETE' }],
    ]) {
      const answer = await run(ask, path, options);
      assert.equal(answer.status, 403, path);
      assert.match(answer.text, /host-not-allowed/);
    }
    assert.deepEqual(await run(listen, `http://evil.example:${port}/watch?prefix=`), { error: 'refused' });
  },

  /** Swagger UI under its policy. */
  async swagger() {
    await command('POST', `/${sessionId}/se/log`, { type: 'browser' });
    await open(`${store}/swagger-ui.html`);
    const operations = await run(async () => {
      while (document.querySelectorAll('.opblock').length < 10) await new Promise(requestAnimationFrame);
      return document.querySelectorAll('.opblock').length;
    });
    assert.ok(operations >= 10, operations.error);
    const log = await command('POST', `/${sessionId}/se/log`, { type: 'browser' });
    assert.deepEqual(log.filter((entry) => entry.level === 'SEVERE' || /policy/i.test(entry.message)), []);
    if (process.env.SCREENSHOT) {
      writeFileSync(process.env.SCREENSHOT, await command('GET', `/${sessionId}/screenshot`), 'base64');
    }
  },

  /** A page that may use a store without tokens. */
  async allowed() {
    await use({});
    const event = await run(listen, `${store}/watch?prefix=watched`);
    assert.match(event.data ?? event.error, /watched/);
  },

  /** The same with a token: all but EventSource, which can't send one. */
  async tokens() {
    const headers = { Authorization: `Bearer ${token}` };
    await use(headers);
    const { status, text } = await run(stream, `${store}/watch?prefix=watched`, headers);
    assert.equal(status, 200);
    assert.match(text, /watched/);
    assert.deepEqual(await run(listen, `${store}/watch?prefix=`), { error: 'refused' });
    const without = await run(ask, `${store}/watch?prefix=`);
    assert.equal(without.status, 401);
    assert.match(without.headers['WWW-Authenticate'], /^Bearer/);
    for (const [path, sent, expected] of [
      ['/kv/seed', {}, 401], ['/kv/seed', headers, 400], ['/watch', {}, 401], ['/watch', headers, 400],
    ]) {
      const answer = await run(ask, `${store}${path}?prefix=&access_token=${token}`, { headers: sent });
      assert.equal(answer.status, expected, `a token in the URL of ${path}`);
    }
  },
};

/** Everything that a page does with keys, and what it can read of the answers. */
async function use(headers) {
  await open(page);
  const to = async (path, expected, options = {}) => {
    const answer = await run(ask, store + path, { ...options, headers: { ...headers, ...options.headers } });
    assert.equal(answer.status, expected, `${options.method ?? 'GET'} ${path}: ${answer.error ?? answer.text}`);
    return answer;
  };
  await to('/kv/page?ttl=1h', 201, { method: 'PUT', body: 'one' });
  const found = await to('/kv/page', 200);
  assert.equal(found.text, 'one');
  for (const header of ['ETag', 'Last-Modified', 'Nebula-Expires']) assert.ok(found.headers[header], header);
  assert.equal(found.headers.Date, null, 'only what is named can be read');
  await to('/kv/page', 304, { headers: { 'If-None-Match': found.headers.ETag }, cache: 'no-store' });
  await to('/kv/page', 304, { headers: { 'If-Modified-Since': new Date().toUTCString() }, cache: 'no-store' });
  await to('/kv/page', 412, { method: 'PUT', body: 'x', headers: { 'If-Match': '"1"' } });
  await to('/kv/page', 204, { method: 'PUT', body: 'two', headers: { 'If-Match': found.headers.ETag } });
  await to('/kv/page', 412, { method: 'PUT', body: 'x', headers: { 'If-None-Match': '*' } });
  await to('/kv/page', 412,
    { method: 'DELETE', headers: { 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' } });
  await to('/kv/page?ttl=none', 204, { method: 'PATCH' });
  await to('/kv/none', 404, { headers: { Prefer: 'wait=0' } });
  await to('/kv/other', 201, { method: 'PUT', body: 'x' });
  const listed = await to('/keys?limit=1', 200, { headers: { Accept: 'application/json' } });
  assert.match(listed.headers.Link, /rel="next"/);
  const batch = await to('/batch', 200, {
    method: 'POST',
    body: line('batched'),
    headers: { 'Content-Type': 'application/x-ndjson' },
  });
  assert.match(batch.text, /"status":20/);
  await to('/txn', 200, {
    method: 'POST',
    body: '{"then":[{"op":"delete","key":"page"}]}',
    headers: { 'Content-Type': 'application/json' },
  });
  await to('/kv/page', 404);
  await to('/kv/other', 204, { method: 'DELETE' });
  await to('/keys?prefix=batched', 200, { method: 'DELETE' });
}

try {
  for (const name of names) {
    await cases[name]();
    console.log(`${name}: as promised`);
  }
} finally {
  await command('DELETE', `/${sessionId}`);
  driver.kill();
  pages.close();
}
