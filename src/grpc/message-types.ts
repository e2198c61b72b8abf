import type { DescMessage, Registry } from '@bufbuild/protobuf';

/** The types of the messages of one method. */
export type MethodTypes = {
  readonly input: DescMessage;
  readonly output: DescMessage;
  /** Where the types of `Any` and of extensions are looked up. */
  readonly registry: Registry;
};

/** A source of message types: files, or servers that are queried. */
export type TypeSource = {
  /**
   * @param url of the call
   * @returns the types of the method, if known; a note if a query failed
   */
  find(
    url: string,
    service: string,
    method: string,
  ): Promise<{ readonly types?: MethodTypes; readonly registry: Registry; readonly note?: string }>;
};
