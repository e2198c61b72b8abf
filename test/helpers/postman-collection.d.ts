/** As much of Postman's SDK, which comes without types, as the tests use. */
declare module 'postman-collection' {
  const sdk: {
    Collection: new (json: unknown) => { items: { all(): { responses: { count(): number } }[] } };
    Url: new (json: unknown) => { toString(): string };
  };
  export = sdk;
}
