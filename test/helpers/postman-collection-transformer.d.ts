/** As much of Postman's converter, which comes without types, as the tests use. */
declare module 'postman-collection-transformer' {
  const transformer: {
    convert(
      collection: unknown,
      options: { inputVersion: string; outputVersion: string },
      callback: (error: Error | null, converted: unknown) => void,
    ): void;
  };
  export = transformer;
}
