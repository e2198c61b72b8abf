import type { DescMessage, Registry } from '@bufbuild/protobuf';

/** The types of the messages of one method. */
export type MethodTypes = {
  readonly input: DescMessage;
  readonly output: DescMessage;
  /** Where the types of `Any` and of extensions are looked up. */
  readonly registry: Registry;
};

/** Where types of messages come from: files, and servers that are asked. */
export type TypeSource = {
  /**
   * @param url of the call
   * @returns what is known of the method; a note where somebody was asked in vain
   */
  find(
    url: string,
    service: string,
    method: string,
  ): Promise<{ readonly types?: MethodTypes; readonly registry: Registry; readonly note?: string }>;
};
