import type { MessagePort } from 'node:worker_threads';
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { TypeSource } from './message-types.ts';
import { type RegistryOf, typesFrom } from './reflected-types.ts';

/** A request of the delivery thread to the thread with the trust settings. */
type Question = { readonly key: string; readonly url: string; readonly service: string };

/** A FileDescriptorSet, or the reason why there is none. */
type Answer = { readonly key: string } & (
  | { readonly files: Uint8Array }
  | { readonly note: string }
);

/** Answers requests of the other thread. */
export function answerTypes(port: MessagePort, registryOf: RegistryOf): void {
  port.on('message', ({ key, url, service }: Question) => {
    void registryOf(url, service).then((found) => {
      if ('note' in found) return port.postMessage({ key, note: found.note } satisfies Answer);
      const set = { file: [...found.files].map(({ proto }) => proto) };
      const files = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, set));
      return port.postMessage({ key, files } satisfies Answer);
    });
  });
  port.unref();
}

/** Types provided by the other thread. */
export function askedTypes(port: MessagePort): TypeSource {
  const known = new Map<string, ReturnType<RegistryOf>>();
  const waiting = new Map<string, (answer: Answer) => void>();
  port.on('message', (answer: Answer) => {
    waiting.get(answer.key)?.(answer);
    waiting.delete(answer.key);
  });
  port.unref();
  return typesFrom((url, service) => {
    const { origin } = new URL(url);
    const key = `${origin} ${service}`;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    const asked = new Promise<Answer>((resolve) => {
      waiting.set(key, resolve);
      port.postMessage({ key, url, service } satisfies Question);
    });
    const found = asked.then((answer) =>
      'note' in answer
        ? { note: answer.note }
        : createFileRegistry(fromBinary(FileDescriptorSetSchema, answer.files)),
    );
    known.set(key, found);
    return found;
  });
}
