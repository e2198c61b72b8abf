import type {
  Auth,
  CollectionEvent,
  CollectionHead,
  Description,
  Example,
  Members,
  Script,
  Variable,
} from '../collection.ts';
import { contentTypeOf } from '../http/content-type.ts';
import { textOf } from '../json/object.ts';
import { treatedAuth } from './redacted-auth.ts';
import {
  described,
  extraTreated,
  type KnownVariables,
  type Treatment,
  treatedMembers,
  treatedVariable,
} from './redacted-members.ts';
import { LANGUAGE_TYPES, treatedHeader, treatedRequest } from './redacted-request.ts';
import { treatedSocket } from './redacted-socket.ts';

/** A collection event with secrets replaced by variables. */
export function treatedEvent(
  event: CollectionEvent,
  secrets: Treatment,
  known: KnownVariables,
): CollectionEvent {
  switch (event.kind) {
    case 'begin':
      return { kind: 'begin', head: treatedHead(event.head, secrets, known) };
    case 'folder':
      return { kind: 'folder', folder: treatedOwner(event.folder, secrets, known) };
    case 'item': {
      const { item } = event;
      const request = treatedRequest(item.request, secrets, known);
      return { kind: 'item', item: { ...treatedOwner(item, secrets, known), request } };
    }
    case 'socket':
      return { kind: 'socket', socket: treatedSocket(event.socket, secrets, known) };
    case 'example':
      return { kind: 'example', example: treatedExample(event.example, secrets, known) };
    case 'end':
      if (event.scripts === undefined) return event;
      return {
        kind: 'end',
        scripts: event.scripts.map((script) => treatedScript(script, secrets)),
      };
    // Calls were redacted when they were read from their recording.
    case 'call':
    case 'finish':
      return event;
  }
}

function treatedHead(head: CollectionHead, secrets: Treatment, known: KnownVariables) {
  const { info } = head;
  const treated = treatedOwner(head, secrets, known);
  return info ? { ...treated, info: treatedMembers(info, secrets) as Members } : treated;
}

type Owner = {
  readonly name: string;
  readonly description?: Description;
  readonly auth?: Auth;
  readonly scripts: readonly Script[];
  readonly variables: readonly Variable[];
  readonly behavior?: Members;
  readonly extra?: Members;
};

function treatedOwner<T extends Owner>(owner: T, secrets: Treatment, known: KnownVariables): T {
  return {
    ...owner,
    ...described(owner, secrets),
    name: secrets.text(owner.name),
    ...(owner.auth && { auth: treatedAuth(owner.auth, secrets) }),
    scripts: owner.scripts.map((script) => treatedScript(script, secrets)),
    variables: owner.variables.map((variable) => treatedVariable(variable, secrets, known)),
    ...(owner.behavior && { behavior: treatedMembers(owner.behavior, secrets) as Members }),
    ...extraTreated(owner, secrets),
  };
}

function treatedScript(script: Script, secrets: Treatment): Script {
  const members = script.script && (treatedMembers(script.script, secrets) as Members);
  return {
    ...script,
    code: secrets.text(script.code, 'text/javascript'),
    ...(members && { script: members }),
    ...extraTreated(script, secrets),
  };
}

function treatedExample(example: Example, secrets: Treatment, known: KnownVariables): Example {
  const { request, headers, body, cookies } = example;
  const lines = headers.map(({ key, value }) => [key ?? '', value ?? ''] as const);
  const essence = contentTypeOf(lines)?.essence ?? LANGUAGE_TYPES[example.language ?? ''];
  return {
    ...example,
    name: secrets.text(example.name),
    status: secrets.text(example.status),
    ...(request && { request: treatedRequest(request, secrets, known) }),
    headers: headers.map((header) => treatedHeader(header, secrets)),
    ...(typeof body === 'string' ? { body: secrets.text(body, essence) } : {}),
    ...(cookies && { cookies: cookies.map((cookie) => treatedCookie(cookie, secrets)) }),
    ...extraTreated(example, secrets),
  };
}

function treatedCookie(cookie: unknown, secrets: Treatment): unknown {
  if (typeof cookie !== 'object' || cookie === null) return cookie;
  const { name, key, value } = cookie as { name?: unknown; key?: unknown; value?: unknown };
  if (typeof value !== 'string') return cookie;
  const start = `${textOf(name ?? key)}=`;
  const [, line] = secrets.header(['Cookie', start + value]);
  return { ...cookie, value: line.slice(start.length) };
}
