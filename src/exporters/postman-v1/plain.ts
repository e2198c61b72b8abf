/** Turns off what the format cannot hold. */
export const PLAIN = { variables: false, group: 'none', shape: 'requests', tests: false } as const;
