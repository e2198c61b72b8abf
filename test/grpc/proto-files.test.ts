import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { create, fromBinary, fromJsonString, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { messageJson } from '../../src/grpc/message-json.ts';
import { compileProtos } from '../../src/grpc/proto-files.ts';
import { newFolder } from '../helpers/folder.ts';

async function written(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await newFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Compiles one file and reads what protobufjs makes of a value. */
async function jsonOf(text: string, typeName: string, value: Record<string, unknown>) {
  const folder = await written({ 'a.proto': text });
  const registry = await compileProtos([join(folder, 'a.proto')]);
  const root = await new protobuf.Root().load(join(folder, 'a.proto'), { keepCase: true });
  const type = root.lookupType(typeName);
  const bytes = type.encode(type.fromObject(value)).finish();
  const desc = registry.getMessage(typeName);
  if (desc === undefined) throw new Error(`${typeName} is missing`);
  return messageJson(bytes, desc, registry);
}

test('proto3: scalars, names in JSON, maps, oneofs, enumerations, optional, packed', async () => {
  const text = `
    syntax = "proto3"; // comment
    package demo.v1;
    message Outer {
      string first_name = 1;
      optional int32 maybe = 2;
      map<string, Inner> inners = 3;
      oneof choice { string text = 4; int64 number = 5 [json_name = "theNumber"]; }
      repeated sint32 packed = 10;
      repeated int32 unpacked = 11 [packed = false];
      Color color = 12;
      map<int32, Color> colors = 13;
      Inner.Deep deep = 14;
      message Inner { bytes data = 1; message Deep { bool ok = 1; } }
      enum Color { option allow_alias = true; RED = 0; BLUE = 1; AZURE = 1; }
      reserved 20 to 30;
    }`;
  const json = await jsonOf(text, 'demo.v1.Outer', {
    first_name: 'Ada',
    maybe: 0,
    inners: { a: { data: Buffer.from('hi') } },
    number: '9007199254740993',
    packed: [-1, 2],
    unpacked: [3, 4],
    color: 1,
    colors: { 7: 1 },
    deep: { ok: true },
  });
  expect(JSON.stringify(json)).toBe(
    '{"firstName":"Ada","maybe":0,"inners":{"a":{"data":"aGk="}},"theNumber":"9007199254740993",' +
      '"packed":[-1,2],"unpacked":[3,4],"color":"BLUE","colors":{"7":"BLUE"},"deep":{"ok":true}}',
  );
});

test('proto3: the JSON forms of the well-known types', async () => {
  const text = `
    syntax = "proto3";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/wrappers.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/field_mask.proto";
    import "google/protobuf/any.proto";
    message M {
      google.protobuf.Timestamp at = 1;
      google.protobuf.Duration lasting = 2;
      google.protobuf.StringValue wrapped = 3;
      google.protobuf.Struct struct = 4;
      google.protobuf.FieldMask mask = 5;
      google.protobuf.Any known = 6;
      google.protobuf.Any unknown = 7;
    }
    message Packed { int64 id = 1; }`;
  const json = await jsonOf(text, 'M', {
    at: { seconds: 1_700_000_000, nanos: 5_000_000 },
    lasting: { seconds: 1, nanos: 500_000_000 },
    wrapped: { value: 'w' },
    struct: {
      fields: { a: { numberValue: 1 }, b: { listValue: { values: [{ boolValue: true }] } } },
    },
    mask: { paths: ['a.b_c'] },
    known: { type_url: 'type.googleapis.com/Packed', value: Buffer.from([0x08, 7]) },
    unknown: { type_url: 'x.test/no.Such', value: Buffer.from([0x0a, 1, 0x61]) },
  });
  expect(json).toEqual({
    at: '2023-11-14T22:13:20.005Z',
    lasting: '1.500s',
    wrapped: 'w',
    struct: { a: 1, b: [true] },
    mask: 'a.bC',
    known: { '@type': 'type.googleapis.com/Packed', id: '7' },
    unknown: { '@type': 'x.test/no.Such', 1: 'a' },
  });
});

test('proto2: groups, required, extensions', async () => {
  const text = `
    package old;
    message Legacy {
      required string id = 1;
      optional group Result = 2 { optional string url = 3; }
      optional int32 d = 4 [default = 42];
      extensions 100 to 199;
      repeated int32 nums = 5;
      repeated int32 packed = 6 [packed = true];
    }
    extend Legacy { optional string extra = 100; }`;
  const folder = await written({ 'a.proto': text });
  const registry = await compileProtos([folder]);
  const legacy = registry.getMessage('old.Legacy');
  if (legacy === undefined) throw new Error('no type');
  const bytes = [
    ...[0x0a, 1, 0x61],
    ...[0x13, 0x1a, 1, 0x75, 0x14],
    ...[0x28, 7, 0x32, 1, 8],
    ...[0xa2, 0x06, 1, 0x78],
    ...[0xc0, 0x3e, 9],
  ];
  expect(messageJson(Buffer.from(bytes), legacy, registry)).toEqual({
    id: 'a',
    result: { url: 'u' },
    nums: [7],
    packed: [8],
    '[old.extra]': 'x',
    1000: 9,
  });
});

test('editions: features of files, fields and enumerations', async () => {
  const text = `
    edition = "2023";
    option features.field_presence = IMPLICIT;
    message M {
      int32 a = 1;
      repeated int32 b = 2 [features.repeated_field_encoding = EXPANDED];
      M c = 3 [features.message_encoding = DELIMITED];
      int32 d = 4 [features.field_presence = EXPLICIT];
    }`;
  const registry = await compileProtos([await written({ 'a.proto': text })]);
  const type = registry.getMessage('M');
  if (type === undefined) throw new Error('no type');
  const bytes = Buffer.from([0x08, 0, 0x10, 5, 0x1b, 0x08, 1, 0x1c, 0x20, 0]);
  expect(messageJson(bytes, type, registry)).toEqual({ b: [5], c: { a: 1 }, d: 0 });
});

test('finds imports beside the file, in given folders, and the well-known types', async () => {
  const folder = await written({
    'app/main.proto': `syntax = "proto3"; import "near.proto"; import "lib/far.proto";
      import "google/protobuf/empty.proto"; import "google/api/annotations.proto";
      service S { rpc Do(Near) returns (lib.Far) { option (google.api.http) = { get: "/v1" }; }
        rpc Nothing(google.protobuf.Empty) returns (stream .Near); }`,
    'app/near.proto':
      'syntax = "proto3"; message Near { lib.Far far = 1; } import "lib/far.proto";',
    'vendor/lib/far.proto': 'syntax = "proto3"; package lib; message Far { int32 a = 1; }',
  });
  const registry = await compileProtos([join(folder, 'app/main.proto'), join(folder, 'vendor')]);
  const methods = registry
    .getService('S')
    ?.methods.map(({ input, output, methodKind }) => [input.typeName, output.typeName, methodKind]);
  expect(methods).toEqual([
    ['Near', 'lib.Far', 'unary'],
    ['google.protobuf.Empty', 'Near', 'server_streaming'],
  ]);
});

test('reads a set of descriptors', async () => {
  const set = fromJsonString(
    FileDescriptorSetSchema,
    JSON.stringify({
      file: [
        {
          name: 'x.proto',
          syntax: 'proto3',
          messageType: [
            { name: 'X', field: [{ name: 'a', jsonName: 'a', number: 1, type: 5, label: 1 }] },
          ],
        },
      ],
    }),
  );
  const folder = await written({
    'x.binpb': toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, set)),
    'bad.pb': Buffer.from([0xff]),
  });
  const registry = await compileProtos([join(folder, 'x.binpb')]);
  expect(registry.getMessage('X')?.fields.map(({ name }) => name)).toEqual(['a']);
  expect(fromBinary(FileDescriptorSetSchema, Buffer.alloc(0)).file).toEqual([]);
  await expect(compileProtos([join(folder, 'bad.pb')])).rejects.toThrow(
    'bad.pb is not a FileDescriptorSet',
  );
});

test.each([
  ['syntax = "proto3";\nmessage M {\n  strin name = 1;\n}', 'a.proto:3: unknown type "strin".'],
  [
    'syntax = "proto3";\nmessage M {\n  string name 1;\n}',
    "a.proto:3: illegal token '1', '=' expected.",
  ],
  [
    'syntax = "proto3";\nmessage M {\n  int32 a = 1;\n  int32 a = 2;\n}',
    "a.proto:4: duplicate name 'a' in Type M.",
  ],
  [
    'syntax = "proto3";\n/* int32 */\nservice S {\n  rpc Do(M) returns (M);\n}',
    'a.proto:4: unknown type "M".',
  ],
  [
    'syntax = "proto3";\nimport "gone.proto";\nmessage M { gone.G g = 1; }',
    'a.proto:3: unknown type "gone.G" (imports not found: "gone.proto").',
  ],
])('names the file and the line of a fault', async (text, message) => {
  const folder = await written({ 'a.proto': text });
  const fault = await compileProtos([join(folder, 'a.proto')]).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(UserError);
  expect((fault as UserError).exitCode).toBe(2);
  expect((fault as UserError).message).toBe(join(folder, message));
});

test('says what is wrong with a path', async () => {
  const folder = await newFolder();
  await expect(compileProtos([join(folder, 'none.proto')])).rejects.toThrow(
    'there is no such file or folder',
  );
  await expect(compileProtos([folder])).rejects.toThrow('there is no .proto file in this folder');
});
