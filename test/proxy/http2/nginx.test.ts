import { expect } from 'vitest';
import { testWith } from '../../helpers/clients.ts';
import { curl } from '../../helpers/http-client.ts';
import { askHttp2, http2Session } from '../../helpers/http2-client.ts';
import { startNginx } from '../../helpers/nginx.ts';
import { type RecordingProxy, recordingProxy } from '../../helpers/proxy.ts';

const withNginx = testWith('nginx', '-v');

const target = (url: string) => ({ url, host: new URL(url).host });

/** Runs curl through a proxy whose authority it trusts. */
const curlThrough = (proxy: RecordingProxy, ...args: string[]) =>
  curl('-x', proxy.url, '--cacert', proxy.authority.files.cert, ...args);

withNginx('curl gets from nginx the version that it speaks', async () => {
  const nginx = await startNginx();
  const proxy = await recordingProxy();
  const asked = [
    await curlThrough(proxy, '--http2', `${nginx.secure}/`),
    await curlThrough(proxy, '--http1.1', `${nginx.secure}/`),
    await curlThrough(proxy, '--http2-prior-knowledge', '--proxytunnel', `${nginx.clear}/`),
  ];
  expect(asked.map(({ stdout, stderr }) => stdout + stderr)).toEqual([
    'HTTP/2.0',
    'HTTP/1.1',
    'HTTP/2.0',
  ]);
});

withNginx('curl with prior knowledge reaches nginx without a tunnel', async () => {
  const nginx = await startNginx();
  const proxy = await recordingProxy();
  const { host } = new URL(nginx.clear);
  const through = ['--connect-to', `${host}:127.0.0.1:${proxy.port}`];
  const { stdout } = await curl('--http2-prior-knowledge', ...through, `${nginx.clear}/`);
  expect(stdout).toBe('HTTP/2.0');
});

withNginx('a connection that nginx ends after some requests costs none of them', async () => {
  const nginx = await startNginx('keepalive_requests 10; http2_max_concurrent_streams 4;');
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, target(nginx.secure));
  const asked = Array.from({ length: 100 }, () => askHttp2(session));
  const answers = await Promise.all(asked);
  expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['HTTP/2.0']));
  expect(await nginx.log()).toHaveLength(100);
});

withNginx('a large file arrives whole', async () => {
  const nginx = await startNginx();
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, target(nginx.secure));
  const { body } = await askHttp2(session, { ':path': '/large' });
  expect(body).toBe('nginx '.repeat(500_000));
});

withNginx('an upload that nginx does not want ends without harm', async () => {
  const nginx = await startNginx('client_max_body_size 1k;');
  const proxy = await recordingProxy();
  const session = await http2Session(proxy, target(nginx.secure));
  const { headers } = await askHttp2(session, { ':method': 'POST' }, Buffer.alloc(100_000));
  expect([200, 413]).toContain(headers[':status']);
  expect((await askHttp2(session)).body).toBe('HTTP/2.0');
});
