import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';
import { newFolder } from './folder.ts';
import { lowPort, upstreamAuthority } from './upstream.ts';

export type Nginx = {
  /** `https://localhost:port`, which speaks HTTP/2 and HTTP/1.1. */
  readonly secure: string;
  /** `http://localhost:port`, which speaks HTTP/2 and nothing else. */
  readonly clear: string;
  /** A line `protocol connection request-of-the-connection` for each request so far. */
  log(): Promise<string[]>;
};

/**
 * Starts nginx on free ports; it is gone when the test is over. It answers with the protocol that it was asked in.
 *
 * @param more further directives for its servers
 */
export async function startNginx(more = ''): Promise<Nginx> {
  const folder = await newFolder();
  const { key, cert } = await (await upstreamAuthority()).credentialsFor('localhost');
  const [secure, clear] = [await lowPort(), await lowPort()];
  const path = (name: string) => join(folder, name);
  await mkdir(path('html'));
  await Promise.all([
    writeFile(path('key.pem'), key),
    writeFile(path('cert.pem'), cert),
    writeFile(path('html/large'), 'nginx '.repeat(500_000)),
    writeFile(path('nginx.conf'), configuration(folder, secure, clear, more)),
  ]);
  const child = spawn('nginx', ['-p', folder, '-c', path('nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  for (const port of [secure, clear]) {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${errors}`);
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect').finally(() => socket.destroy());
    });
  }
  return {
    secure: `https://localhost:${secure}`,
    clear: `http://localhost:${clear}`,
    async log() {
      const text = await readFile(path('access.log'), 'utf8');
      return text.split('\n').filter(Boolean);
    },
  };
}

function configuration(folder: string, secure: number, clear: number, more: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/pid;
events { worker_connections 256; }
http {
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  log_format short '$server_protocol $connection $connection_requests';
  access_log ${folder}/access.log short;
  root ${folder}/html;
  ${more}
  server {
    listen 127.0.0.1:${secure} ssl http2;
    listen 127.0.0.1:${clear} http2;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    location / { return 200 $server_protocol; }
    location /large { }
  }
}
`;
}
