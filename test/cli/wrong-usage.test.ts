import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { journalsOf, newPlace, type Place, runCli } from '../helpers/cli.ts';
import { type CommandEnd, runInProcess } from '../helpers/in-process.ts';

type Row = readonly [why: string, args: string, said: RegExp];

async function expectWrongUsage(
  run: (place: Place, args: readonly string[]) => Promise<CommandEnd>,
  args: string,
  said: RegExp,
): Promise<void> {
  const place = await newPlace();
  const { code, stderr, stdout } = await run(place, args.split(' '));
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(/^pmproxy: /);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect([code, stdout]).toEqual([2, '']);
  expect(await journalsOf(place)).toEqual([]);
}

test.each<Row>([
  [
    'a port out of range',
    'save --port 99999',
    /--port "99999": a port is a whole number from 0 to 65535/,
  ],
  ['a port in words', 'save -p http', /--port "http": a port is/],
  ['an unknown flag', 'save --prt 1', /unknown option '--prt' \(Did you mean --port\?\)/],
  [
    'an unknown command',
    'sav',
    /unknown command 'sav' \(Did you mean save\?\) See: pmproxy --help\n/,
  ],
  [
    'an invalid regular expression',
    'save --url /(/',
    /--url "\/\(\/": Invalid regular expression.*write a glob/,
  ],
  ['an invalid glob', 'save --not-url a.com/[', /--not-url "a\.com\/\[": .*write a glob/],
  ['an invalid host', 'save --host a/b', /--host "a\/b": write a host such as/],
  [
    'a duration without a unit',
    'save --timeout 10',
    /--timeout "10": write a duration such as 500ms/,
  ],
  [
    'a --target that is not a URL',
    'save --target api.example.com',
    /--target "api\.example\.com": write a URL such as https:/,
  ],
  [
    'a --target with a prefix but without a URL',
    'filter --target /api=ftp://a.test',
    /--target "\/api=ftp:\/\/a\.test": write a URL/,
  ],
  [
    'two servers for the same requests',
    'sync --target https://a.test --target https://b.test',
    /--target: two servers for all paths/,
  ],
  [
    'a --proxy-auth without a user, which is not shown',
    'save --proxy-auth s3cret',
    /^pmproxy: --proxy-auth: write a user and a password, as user:password\.$/m,
  ],
  [
    '--open-proxy with --proxy-auth',
    'save --open-proxy --proxy-auth ada:s3cret',
    /--open-proxy contradicts --proxy-auth: leave one/,
  ],
  ['a --ca without its key', 'save --ca a.pem', /--ca needs --ca-key\.$/m],
  ['a --ca-key without its certificate', 'save --ca-key a.pem', /--ca-key needs --ca\.$/m],
  ['an invalid grace period', 'save --grace soon', /--grace "soon": write a duration/],
  ['an invalid size', 'save --max-body 10xb', /--max-body "10xb": write a size such as 4096/],
  ['an unknown format', 'save -f harr', /--format "harr": write .*postman/],
  ['an unknown ending', 'save -o t.txt', /Cannot infer a format from "t\.txt"/],
  [
    'a missing value',
    'save --port',
    /'-p, --port <n>' argument missing\. See: pmproxy save --help\n/,
  ],
  ['an invalid status', 'save --status 2xy', /--status "2xy": write status codes such as 2xx/],
  ['an unknown kind', 'save --type jpeg', /--type "jpeg": write .*image/],
  ['an invalid method', 'save --methods GET,(', /--methods "\(": write methods/],
  [
    'a proxy that is not a URL',
    'save --upstream localhost',
    /--upstream "localhost": write http:\/\/host:port/,
  ],
  [
    'an unknown treatment of secrets',
    'save --secrets hide',
    /--secrets "hide": write redact, env or keep/,
  ],
  [
    'neither true nor false',
    'save --restricted-headers perhaps',
    /--restricted-headers "perhaps": write true or false/,
  ],
  [
    'a certificate without a host',
    'save --client-cert c.pem',
    /--client-cert "c\.pem": write host=cert\.pem,key\.pem/,
  ],
  ['an invalid number', 'save --min few', /--min "few": write a whole number/],
  [
    'an upstream and no upstream',
    'save --upstream http://a:1 --no-upstream',
    /--upstream and --no-upstream contradict/,
  ],
  [
    'a folder together with an output',
    'save --path . -o t.json',
    /--path \. .*contradicts -o t\.json/,
  ],
  ['quiet and verbose', 'save -q --log-level debug', /--quiet contradicts --log-level debug/],
  [
    'images both left out and asked for',
    'save --no-static --type image',
    /--no-static contradicts --type image/,
  ],
  [
    'secrets both kept and redacted',
    'save --secrets keep --redact x',
    /--secrets keep contradicts --redact x/,
  ],
  [
    'a secret without a name',
    'save --redact ...',
    /^pmproxy: --redact "\.\.\.": write the name of a header, a field or a JSON key.*\n$/,
  ],
  [
    'a template that is not a path',
    'save --template users/:id',
    /^pmproxy: --template "users\/:id": write a path with a parameter, such as .*\n$/,
  ],
  [
    'a template without a parameter',
    'convert t.har -o t.json --template /users',
    /^pmproxy: --template "\/users": write a path with a parameter.*\n$/,
  ],
  [
    'a template with two parameters of one name',
    'save --template /:id/{id}',
    /^pmproxy: --template "\/:id\/\{id\}": each parameter needs a name of its own\.\n$/,
  ],
  [
    'a command without --',
    'save curl',
    /does not know what to do with: curl\. A command to run goes after --: pmproxy save -- curl/,
  ],
  ['a command behind convert', 'convert -- ls', /pmproxy convert runs no command: ls/],
  ['a port for convert', 'convert --port 1', /unknown option '--port'/],
  ['an excess argument', 'ca show x y', /does not know what to do with: y/],
  ['an unknown action', 'ca remove', /'remove' is invalid .*path, show, export/],
  ['an export to nowhere', 'ca export', /needs a file\. Try: pmproxy ca export pmproxy-ca\.pem/],
  ['an empty command', 'save --', /-- has no command behind it\. Try: pmproxy save -- /],
  [
    'an unknown shell',
    'env --shell tcsh',
    /--shell "tcsh": write sh, fish, powershell, json, docker or compose/,
  ],
])('%s is wrong usage, reported in one line: pmproxy %s', (_, args, said) =>
  expectWrongUsage(runInProcess, args, said),
);

// A proxy command finds these faults after it has begun to listen for signals, which is for a process of its own.
test.each<Row>([
  [
    'a missing certificate',
    'save --client-cert a.test=c.pem,k.pem',
    /--client-cert c\.pem: ENOENT/,
  ],
  ['missing roots', 'save --trust ca.pem', /--trust ca\.pem: ENOENT/],
  [
    'an address of another machine',
    'save --bind 192.0.2.1 -p 0',
    /Cannot listen on 192\.0\.2\.1:0: .*--bind 127/,
  ],
])('%s is wrong usage, reported in one line by the real binary: pmproxy %s', (_, args, said) =>
  expectWrongUsage(runCli, args, said),
);

test.each([
  ['--trust', 'notes.txt', /--trust notes\.txt: it holds no certificate; write a PEM file\.\n$/],
  [
    '--client-cert',
    'a.test=notes.txt,notes.txt',
    /--client-cert notes\.txt: .*; write PEM files of/,
  ],
  ['--client-cert', 'a.test=notes.pfx', /--client-cert notes\.pfx: .*; write PEM files of/],
])('a file that is not a certificate is refused for %s', async (option, value, said) => {
  const place = await newPlace();
  await writeFile(place.path('notes.txt'), 'remember the milk');
  await writeFile(place.path('notes.pfx'), 'remember the milk');
  const { code, stderr } = await runCli(place, ['save', '-p', '0', option, value]);
  expect(stderr).toMatch(said);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(code).toBe(2);
});

test('a --ca that is not there is wrong usage', async () => {
  const args = 'save --ca missing.pem --ca-key missing-key.pem --port 0';
  await expectWrongUsage(runCli, args, /--ca missing\.pem: cannot be read: /);
});
